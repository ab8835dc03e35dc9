import { keysOf, secretsOf } from '../../../src/wire/redis/language/commands.ts';
import { differences, type Difference } from '../difference.ts';
import { compareValues, type TimeWindow } from '../../../src/domain/noise.ts';
import { Argument } from './language/argument.ts';
import type { Question } from './recorded.ts';

const NOTHING = new Argument(new Uint8Array(0), false, false);
/** As in a summary: that a password differs may be said, not which it is. */
const SECRET = '(secret)';

/** How the arguments of two commands with one name and as many arguments differ. */
export function compareQuestions(recorded: Question, asked: Question, window: TimeWindow): readonly Difference[] {
  const found: Difference[] = [];
  if (recorded.digest !== asked.digest)
    found.push({ where: 'script', recorded: recorded.digest, asked: asked.digest, noise: false });
  if (recorded.database !== asked.database)
    found.push({ where: 'database', recorded: String(recorded.database), asked: String(asked.database), noise: false });
  const [then, now] = [argumentsOf(recorded), argumentsOf(asked)];
  for (let at = firstOf(asked); at < now.length; at++) {
    const [one, other] = [then[at] ?? NOTHING, now[at] ?? NOTHING];
    if (one.isSame(other)) continue;
    const where = other.isKey ? 'key' : `argument ${at}`;
    if (one.isSecret || other.isSecret) found.push({ where, recorded: SECRET, asked: SECRET, noise: false });
    else found.push(...compareArguments(one, other, where, window));
  }
  return found;
}

/** The same text for commands, or transactions, that compare without a difference; JSON that is only written otherwise has another one. */
export function textOf(kind: 'command' | 'transaction', questions: readonly Question[]): string {
  const commands = questions.map((question) => {
    const { name, form, database, digest = '' } = question;
    const args = question.args
      .slice(firstOf(question))
      .map((arg) => `${arg.length} ${Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength).toString('latin1')}`);
    return [name, form, database, digest, args.length, ...args].join(' ');
  });
  return [kind, ...commands].join(' ');
}

/** One question is compared with many. */
const known = new WeakMap<Question, readonly Argument[]>();

function argumentsOf(question: Question): readonly Argument[] {
  const before = known.get(question);
  if (before !== undefined) return before;
  const [keys, secrets] = [new Set(keysOf(question)), new Set(secretsOf(question))];
  const all = question.args.map((bytes, at) => new Argument(bytes, keys.has(at), secrets.has(at)));
  known.set(question, all);
  return all;
}

/** The first argument that the name and the digest do not tell. */
function firstOf({ name, digest }: Question): number {
  return digest === undefined ? name.split(' ').length : 2;
}

function compareArguments(
  recorded: Argument,
  asked: Argument,
  where: string,
  window: TimeWindow,
): readonly Difference[] {
  const [left, right] = [recorded.document, asked.document];
  if (left !== undefined && right !== undefined) return differences(left, right, window, where);
  const noise = !recorded.isLong && !asked.isLong;
  const parts = noise ? noisyParts(recorded.parts, asked.parts, where, window) : undefined;
  if (parts !== undefined) return parts;
  const whole = noise && compareValues(recorded.text, asked.text, window) === 'noise';
  return [{ where, recorded: recorded.shown, asked: asked.shown, noise: whole }];
}

/** The parts that differ, when all of them are noise. */
function noisyParts(
  recorded: readonly string[],
  asked: readonly string[],
  where: string,
  window: TimeWindow,
): Difference[] | undefined {
  if (recorded.length !== asked.length) return undefined;
  const found: Difference[] = [];
  for (const [index, one] of recorded.entries()) {
    const other = asked[index] ?? '';
    if (one === other) continue;
    if (compareValues(one, other, window) !== 'noise') return undefined;
    found.push({ where, recorded: one, asked: other, noise: true });
  }
  return found.length > 0 ? found : undefined;
}
