import { keysOf, secretsOf } from '../../../src/wire/redis/language/commands.ts';
import { shown } from '../../../src/wire/redis/language/summary.ts';
import { differences, type Difference } from '../difference.ts';
import { compareValues, type TimeWindow } from '../noise.ts';
import type { Question } from './recorded.ts';

/** What stands between the parts of a key: `cart:{7}:items`, `user/7`. */
const BETWEEN = /[:/{}|,;=.\s]+/;
/** Longer values are compared as a whole. */
const PARTS_BYTES = 65_536;
/** As in a summary: that a password differs may be said, not which it is. */
const SECRET = '(secret)';

/** How the arguments of two commands with one name and as many arguments differ. */
export function compareQuestions(recorded: Question, asked: Question, window: TimeWindow): readonly Difference[] {
  const keys = new Set(keysOf(asked));
  const secrets = new Set([...secretsOf(recorded), ...secretsOf(asked)]);
  const first = asked.digest === undefined ? 1 : 2;
  const found: Difference[] = [];
  if (recorded.digest !== asked.digest)
    found.push({ where: 'script', recorded: recorded.digest, asked: asked.digest, noise: false });
  if (recorded.database !== asked.database)
    found.push({ where: 'database', recorded: String(recorded.database), asked: String(asked.database), noise: false });
  for (let at = first; at < asked.args.length; at++) {
    const [one, other] = [bytesOf(recorded, at), bytesOf(asked, at)];
    if (one.equals(other)) continue;
    const where = keys.has(at) ? 'key' : `argument ${at}`;
    if (secrets.has(at)) found.push({ where, recorded: SECRET, asked: SECRET, noise: false });
    else found.push(...compareBytes(one, other, where, window));
  }
  return found;
}

/** As many parts, and one in common: what differs may be an id. A key of one part resembles only itself. */
export function keysResemble(recorded: Question, asked: Question): boolean {
  return keysOf(asked).every((at) => {
    const [one, other] = [bytesOf(recorded, at), bytesOf(asked, at)];
    if (one.equals(other)) return true;
    const [left, right] = [partsOf(one), partsOf(other)];
    return left.length === right.length && left.some((part, index) => part === right[index] && part !== '');
  });
}

function compareBytes(recorded: Buffer, asked: Buffer, where: string, window: TimeWindow): readonly Difference[] {
  const [left, right] = [documentIn(recorded), documentIn(asked)];
  if (left !== undefined && right !== undefined) return differences(left, right, window, where);
  const whole: Difference = { where, recorded: shown(recorded), asked: shown(asked), noise: false };
  if (recorded.length > PARTS_BYTES || asked.length > PARTS_BYTES) return [whole];
  if (compareValues(recorded.toString(), asked.toString(), window) === 'noise') return [{ ...whole, noise: true }];
  return noisyParts(recorded, asked, where, window) ?? [whole];
}

/** The parts that differ, when all of them are noise. */
function noisyParts(recorded: Buffer, asked: Buffer, where: string, window: TimeWindow): Difference[] | undefined {
  const [left, right] = [partsOf(recorded), partsOf(asked)];
  if (left.length !== right.length) return undefined;
  const differing = left.flatMap((part, index) => (part === right[index] ? [] : [[part, right[index] ?? ''] as const]));
  const noise = differing.every(([one, other]) => compareValues(one, other, window) === 'noise');
  return noise && differing.length > 0
    ? differing.map(([one, other]) => ({ where, recorded: one, asked: other, noise: true }))
    : undefined;
}

function partsOf(bytes: Buffer): readonly string[] {
  return bytes.toString().split(BETWEEN);
}

/** An object or array in JSON. */
function documentIn(bytes: Buffer): unknown {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function bytesOf({ args }: Question, at: number): Buffer {
  return Buffer.from(args[at] ?? new Uint8Array(0));
}
