import { EnvoyConfigError } from './error.ts';

export interface EnvoyVersion {
  readonly major: number;
  readonly minor: number;
}

/** What the configurations are tested with. */
export const TESTED_VERSION: EnvoyVersion = { major: 1, minor: 40 };

const OLDEST: EnvoyVersion = { major: 1, minor: 31 };

/** `1.40`, `1.40.0`, `v1.37.1`. Throws EnvoyConfigError `bad-version`, or `unsupported-version` below 1.31. */
export function parseVersion(text: string): EnvoyVersion {
  const match = /^v?(\d+)\.(\d+)(?:\.\d+)?$/.exec(text);
  if (match === null)
    throw new EnvoyConfigError('bad-version', `"${text}" is no Envoy version`, 'Write it like 1.40 or 1.40.0.');
  const version = { major: Number(match[1]), minor: Number(match[2]) };
  if (!atLeast(version, OLDEST)) {
    throw new EnvoyConfigError(
      'unsupported-version',
      `Envoy ${text} has no observability mode in ext_proc, so a recorder would stand in the way of every request`,
      'Use Envoy 1.31 or newer; 1.40 is best.',
    );
  }
  return version;
}

function atLeast(version: EnvoyVersion, wanted: EnvoyVersion): boolean {
  return version.major > wanted.major || (version.major === wanted.major && version.minor >= wanted.minor);
}

/** `emit_client_span` came with 1.40 (envoyproxy/envoy #47132). */
export function canHushSpans(version: EnvoyVersion): boolean {
  return atLeast(version, { major: 1, minor: 40 });
}

/** What is lost with an older Envoy, a line each; nothing with the tested one. */
export function losses(version: EnvoyVersion): readonly string[] {
  const lines: string[] = [];
  if (!canHushSpans(version)) {
    lines.push(
      'before 1.40: each recorded exchange adds a span "async …ExternalProcessor.Process" to your traces (emit_client_span is not known).',
    );
  }
  // #41769 gave back what #38818 had taken; late patch releases of 1.31 to 1.33 have it as well.
  if (!atLeast(version, { major: 1, minor: 37 })) {
    lines.push(
      'before 1.37 (1.34 to 1.36, and late patches of 1.31 to 1.33): answers that Envoy makes itself (503 no upstream, 504 timeout, 401, 403, 429) are known from the access log alone, without their bodies.',
    );
  }
  return lines;
}
