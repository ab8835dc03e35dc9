/** `.loop` files from anyone: a real export changed byte by byte, and files well formed whose contents are not. */
import { openRecording } from '../../../replay-sandbox/open.ts';
import { ReplayError } from '../../../replay-sandbox/error.ts';
import type { LoopFile } from '../../../src/domain/loop-file.ts';
import { decodeLoopFile } from '../../../storage/format/decode.ts';
import { encodeLoopFile } from '../../../storage/format/encode.ts';
import { LoopFileError } from '../../../storage/format/errors.ts';
import { recordingOf } from '../recording.ts';
import { mutate } from './bytes.ts';
import type { Random } from './random.ts';

export interface FileFuzzReport {
  readonly files: number;
  /** By `opened` and the codes of what refused them. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What was thrown that is no refusal, and how often. */
  readonly thrown: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

const RECORDING = recordingOf({
  service: 'orders',
  trigger: {
    method: 'POST',
    path: '/orders',
    body: '{"card":"4111111111111111"}',
    answer: { status: 500, body: '{"error":"boom"}' },
  },
  calls: [
    { path: '/prices/1', authority: 'pricing:9000' },
    { path: '/stock', authority: 'stock:9001', answer: 'none' },
  ],
  companions: [recordingOf({ service: 'orders', purpose: 'ambient', number: 2, trigger: { path: '/flags' } })],
});

export async function fuzzLoopFiles(random: Random, count: number): Promise<FileFuzzReport> {
  // Not the Buffer it is: slices of that are no copies.
  const whole = Uint8Array.from(await encodeLoopFile(RECORDING));
  const outcomes: Record<string, number> = {};
  const thrown: Record<string, number> = {};
  let slowestMs = 0;
  for (let file = 0; file < count; file++) {
    const bytes = random.chance(0.5) ? changed(whole, random) : await encodeLoopFile(withBentParts(RECORDING, random));
    const began = performance.now();
    const { outcome, error } = await open(bytes);
    slowestMs = Math.max(slowestMs, Math.round(performance.now() - began));
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (error !== undefined) thrown[error] = (thrown[error] ?? 0) + 1;
  }
  return { files: count, outcomes, thrown, slowestMs };
}

async function open(bytes: Uint8Array): Promise<{ readonly outcome: string; readonly error?: string }> {
  try {
    openRecording(await decodeLoopFile(bytes), undefined);
    return { outcome: 'opened' };
  } catch (error) {
    if (error instanceof LoopFileError || error instanceof ReplayError) return { outcome: error.code };
    const said =
      error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error);
    return { outcome: 'thrown', error: said };
  }
}

/** Half the time with checksums of headers made right again, so that the change gets past them. */
function changed(whole: Uint8Array, random: Random): Uint8Array {
  // Most mutations change the front, and a tar without its first header is none.
  const bytes = random.chance(0.7) ? scratched(whole, random) : mutate(whole, random, whole);
  return random.chance(0.5) ? withChecksums(bytes) : bytes;
}

function scratched(whole: Uint8Array, random: Random): Uint8Array {
  const bytes = whole.slice(0, random.chance(0.2) ? random.below(whole.length) : whole.length);
  for (let count = 1 + random.below(4); count > 0; count--) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

const BLOCK = 512;
const CHECKSUM = 148;

/** Of every block that says it is a tar header. https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const fixed = Buffer.from(bytes);
  for (let at = 0; at + BLOCK <= fixed.length; at += BLOCK) {
    if (fixed.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    fixed.fill(' ', at + CHECKSUM, at + CHECKSUM + 8);
    const sum = fixed.subarray(at, at + BLOCK).reduce((total, byte) => total + byte, 0);
    fixed.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + CHECKSUM, 'latin1');
  }
  return fixed;
}

function withBentParts(file: LoopFile, random: Random): LoopFile {
  const bent = (bytes: Uint8Array): Uint8Array => (random.chance(0.8) ? mutate(bytes, random, bytes) : bytes);
  return {
    ...file,
    parts: file.parts.map(bent),
    companions: file.companions.map((companion) => ({ ...companion, parts: companion.parts.map(bent) })),
  };
}
