import { createHash } from 'node:crypto';
import { keysOf, secretsOf } from '../../../src/wire/redis/language/commands.ts';
import { shown } from '../../../src/wire/redis/language/summary.ts';
import { differences, type Difference } from '../difference.ts';
import { compareValues, type TimeWindow } from '../noise.ts';
import type { Question } from './recorded.ts';

/** What stands between the parts of a key: `cart:{7}:items`, `user/7`. */
const BETWEEN = /[:/{}|,;=.\s]+/;
/** Longer values are compared as a whole. */
const PARTS_BYTES = 65_536;
const NOTHING = new Uint8Array(0);
/** As in a summary: that a password differs may be said, not which it is. */
const SECRET = '(secret)';

/** How the arguments of two commands with one name and as many arguments differ. */
export function compareQuestions(recorded: Question, asked: Question, window: TimeWindow): readonly Difference[] {
  const found: Difference[] = [];
  if (recorded.digest !== asked.digest)
    found.push({ where: 'script', recorded: recorded.digest, asked: asked.digest, noise: false });
  if (recorded.database !== asked.database)
    found.push({ where: 'database', recorded: String(recorded.database), asked: String(asked.database), noise: false });
  for (let at = firstOf(asked); at < asked.args.length; at++) {
    const [one, other] = [bytesOf(recorded, at), bytesOf(asked, at)];
    if (Buffer.compare(one, other) === 0) continue;
    const [then, now] = [placesOf(recorded), placesOf(asked)];
    const where = now.keys.has(at) ? 'key' : `argument ${at}`;
    const secret = then.secrets.has(at) || now.secrets.has(at);
    if (secret) found.push({ where, recorded: SECRET, asked: SECRET, noise: false });
    else found.push(...compareBytes(one, other, where, window));
  }
  return found;
}

/** The same text for commands, or transactions, that compare without a difference; JSON that is only written otherwise has another one. */
export function exactly(kind: 'command' | 'transaction', questions: readonly Question[]): string {
  const hash = createHash('sha256').update(kind);
  for (const question of questions) {
    const args = question.args.slice(firstOf(question));
    const { name, form, database, digest = '' } = question;
    hash.update(JSON.stringify([name, form, database, digest, args.map(({ length }) => length)]));
    for (const arg of args) hash.update(arg);
  }
  return hash.digest('base64');
}

/** As many parts, and one in common: what differs may be an id. A key of one part resembles only itself. */
export function keysResemble(recorded: Question, asked: Question): boolean {
  return [...placesOf(asked).keys].every((at) => {
    const [one, other] = [bytesOf(recorded, at), bytesOf(asked, at)];
    if (Buffer.compare(one, other) === 0) return true;
    const [left, right] = [partsOf(one), partsOf(other)];
    return left.length === right.length && left.some((part, index) => part === right[index] && part !== '');
  });
}

interface Places {
  readonly keys: ReadonlySet<number>;
  readonly secrets: ReadonlySet<number>;
}

/** One question is compared with many. */
const places = new WeakMap<Question, Places>();

function placesOf(question: Question): Places {
  const known = places.get(question) ?? { keys: new Set(keysOf(question)), secrets: new Set(secretsOf(question)) };
  places.set(question, known);
  return known;
}

/** The first argument that the name and the digest do not tell. */
function firstOf({ name, digest }: Question): number {
  return digest === undefined ? name.split(' ').length : 2;
}

function compareBytes(
  recorded: Uint8Array,
  asked: Uint8Array,
  where: string,
  window: TimeWindow,
): readonly Difference[] {
  const [left, right] = [documentIn(recorded), documentIn(asked)];
  if (left !== undefined && right !== undefined) return differences(left, right, window, where);
  const whole: Difference = { where, recorded: shown(recorded), asked: shown(asked), noise: false };
  if (recorded.length > PARTS_BYTES || asked.length > PARTS_BYTES) return [whole];
  if (compareValues(textOf(recorded), textOf(asked), window) === 'noise') return [{ ...whole, noise: true }];
  return noisyParts(recorded, asked, where, window) ?? [whole];
}

/** The parts that differ, when all of them are noise. */
function noisyParts(
  recorded: Uint8Array,
  asked: Uint8Array,
  where: string,
  window: TimeWindow,
): Difference[] | undefined {
  const [left, right] = [partsOf(recorded), partsOf(asked)];
  if (left.length !== right.length) return undefined;
  const differing = left.flatMap((part, index) => (part === right[index] ? [] : [[part, right[index] ?? ''] as const]));
  const noise = differing.every(([one, other]) => compareValues(one, other, window) === 'noise');
  return noise && differing.length > 0
    ? differing.map(([one, other]) => ({ where, recorded: one, asked: other, noise: true }))
    : undefined;
}

function partsOf(bytes: Uint8Array): readonly string[] {
  return textOf(bytes).split(BETWEEN);
}

/** An object or array in JSON. */
function documentIn(bytes: Uint8Array): unknown {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return undefined;
  try {
    return JSON.parse(textOf(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

function bytesOf({ args }: Question, at: number): Uint8Array {
  return args[at] ?? NOTHING;
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString();
}
