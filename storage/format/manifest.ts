import { z } from 'zod';
import { LoopFileError, damaged } from './errors.ts';
import { manifest1, type Manifest1 } from './versions/1.ts';

/** `loop.json` as this version of Loop works with it. Older ones are converted on reading. */
export type Manifest = Manifest1;

export const FORMAT_VERSION = 1;

/** `steps[n]` turns a valid manifest of version n into one of version n + 1. One file each, in versions/. */
export type Converters = Readonly<Record<number, (older: unknown) => unknown>>;

const CONVERTERS: Converters = {};

/** The shape every version shares, and all that is read before the version is known. */
const header = z.object({ format: z.literal('loop'), version: z.number().int().positive() });

/** `text` of a `loop.json`; throws LoopFileError `not-a-loop`, `newer-version` or `damaged`, naming `entry`. */
export function parseManifest(text: string, entry: string): Manifest {
  const found = manifest1.safeParse(convert(parseJson(text, entry), entry, FORMAT_VERSION, CONVERTERS));
  if (found.success) return found.data;
  const issue = found.error.issues[0];
  throw damaged(`${entry}: ${issue?.path.join('.') || 'it'} ${issue?.message ?? 'is not readable'}`);
}

/** Steps a manifest of any known version up to `current`. */
export function convert(manifest: unknown, entry: string, current: number, converters: Converters): unknown {
  const found = header.safeParse(manifest);
  if (!found.success) {
    throw new LoopFileError(
      'not-a-loop',
      `${entry} does not describe a recording.`,
      'Give a file made by loopctl export.',
    );
  }
  const { version } = found.data;
  if (version > current) {
    const facts = `The loop file has version ${version}; this Loop reads up to ${current}.`;
    throw new LoopFileError('newer-version', facts, 'Upgrade Loop, or export it again with an older one.');
  }
  const step = converters[version];
  return version === current || step === undefined ? manifest : convert(step(manifest), entry, current, converters);
}

export function parseJson(text: string, entry: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw damaged(`${entry} is not JSON`);
  }
}
