/** Who may ask a configured loopd, put together. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Access } from '../access/access.ts';
import type { AccessSettings } from '../access/config.ts';
import { AccessError } from '../access/error.ts';
import { Oidc } from '../access/oidc.ts';
import { tokenFile } from '../access/token-file.ts';
import type { Clock } from '../domain/clock.ts';
import { DaemonError } from './error.ts';
import type { DataDirectory } from './data-directory.ts';

export interface AccessParts {
  readonly config: {
    readonly access: AccessSettings;
    readonly api: { readonly hosts: readonly string[]; readonly url?: string | undefined };
  };
  readonly files: Pick<DataDirectory, 'tokenFile'>;
  /** The generated one. */
  readonly token: string;
  readonly clock: Clock;
  /** Where the API listens, once it does. */
  readonly listening: () => string;
}

export interface OpenedAccess {
  readonly access: Access;
  readonly oidc: Oidc | undefined;
}

/** Rejects with DaemonError `store` when the list of tokens cannot be read, `bad-config` when the secret of the client cannot. */
export async function openAccess({ config, files, token, clock, listening }: AccessParts): Promise<OpenedAccess> {
  const { tenants, idleMinutes, sessionHours, oidc: settings } = config.access;
  const { hosts, url } = config.api;
  const random = (bytes: number): Uint8Array => randomBytes(bytes);
  const access = await Access.open({
    token,
    clock,
    random,
    tenants,
    file: tokenFile(tokensFile(files)),
    guard: { hosts, ...(url !== undefined && { url: new URL(url) }) },
    idleMs: idleMinutes * 60_000,
    longestMs: sessionHours * 3_600_000,
  }).catch((error: unknown) => {
    throw error instanceof AccessError ? new DaemonError('store', error.message, error.hint, { cause: error }) : error;
  });
  const oidc =
    settings &&
    new Oidc({
      settings,
      tenants,
      clock,
      random,
      clientSecret: readSecret(settings.clientSecretFile),
      url: () => url ?? listening(),
    });
  return { access, oidc };
}

/** Digests of the tokens that somebody made, beside the generated one. */
export function tokensFile({ tokenFile: beside }: Pick<DataDirectory, 'tokenFile'>): string {
  return join(dirname(beside), 'tokens.json');
}

/** Paths from the directory of the configuration file. */
export function accessWithPaths(settings: AccessSettings, base: string): AccessSettings {
  const { oidc } = settings;
  if (oidc === undefined) return settings;
  return { ...settings, oidc: { ...oidc, clientSecretFile: resolve(base, oidc.clientSecretFile) } };
}

function readSecret(path: string): string {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    if (secret !== '') return secret;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path, new Error('it is empty'));
}

function unreadable(path: string, cause: unknown): DaemonError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new DaemonError(
    'bad-config',
    `The secret of the OpenID client cannot be read from ${path}: ${said}.`,
    'Check access.oidc.clientSecretFile of loopd.yaml.',
    { cause },
  );
}
