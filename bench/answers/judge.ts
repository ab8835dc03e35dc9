/** From what a peer answered to a row. */
import type { Measured } from './peers/peer.ts';
import type { Told } from './scenario.ts';
import { isRight, NEVER } from './scenario.ts';
import type { Throughput } from './throughput.ts';

export interface Row extends Counted {
  readonly peer: string;
  readonly version: string;
  /** Misses of which a person is told what is nearest to the question. */
  readonly explained: number;
  /** Wrong ones that were said to be no answer to this question; they are not among `wrong`. */
  readonly wrongSaid: number;
  readonly missed: number;
  readonly groups: Readonly<Record<string, Counted>>;
  readonly throughput?: Throughput;
}

/** A question that was never recorded is answered right by no answer. */
interface Counted {
  readonly questions: number;
  readonly right: number;
  readonly wrong: number;
}

export function judge(peer: string, measured: Measured): Row {
  const { version, again, explained, said, throughput } = measured;
  const recorded = new Map(measured.recorded.map((told) => [told.key, told]));
  const judged = again.map((told) => ({ told, verdict: verdictOf(told, recorded.get(told.key), said) }));
  const count = (which: readonly Judged[], verdict: Verdict): number =>
    which.filter((one) => one.verdict === verdict).length;
  const counted = (which: readonly Judged[]): Counted => ({
    questions: which.length,
    right: count(which, 'right'),
    wrong: count(which, 'wrong'),
  });
  const misses = again.filter(({ status }) => !isServed(status));
  const names = [...new Set(again.map(({ group }) => group))];
  return {
    peer,
    version,
    ...counted(judged),
    wrongSaid: count(judged, 'wrong, and said so'),
    missed: misses.length,
    explained: misses.filter(({ key }) => explained.has(key)).length,
    groups: Object.fromEntries(names.map((name) => [name, counted(judged.filter(({ told }) => told.group === name))])),
    ...(throughput && { throughput }),
  };
}

type Verdict = 'right' | 'wrong' | 'wrong, and said so' | 'missed';

interface Judged {
  readonly told: Told;
  readonly verdict: Verdict;
}

function verdictOf(told: Told, recorded: Told | undefined, said: ReadonlySet<string>): Verdict {
  const served = isServed(told.status);
  if (told.group === NEVER ? !served : isRight(told, recorded)) return 'right';
  if (!served) return 'missed';
  return said.has(told.key) ? 'wrong, and said so' : 'wrong';
}

function isServed(status: number): boolean {
  return status >= 200 && status < 300;
}
