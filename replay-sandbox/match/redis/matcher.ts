/**
 * Chooses the recorded answer of a command or of a whole transaction: the same arguments first, then the same but for noise, then recorded
 * order among equals, staying with the recorded connection a replayed one has followed so far. What differs is said in the grade.
 */
import type { Conversation } from '../../../src/domain/conversation.ts';
import { blocksFor } from '../../../src/wire/redis/language/commands.ts';
import { Bindings } from '../bindings.ts';
import type { Grade, Nearest } from '../call.ts';
import { Candidates, type Compared, type Following } from '../candidates.ts';
import { choose, isNoise, kinOf, leastApart, Lineup, nearestOf, pick, serve } from '../choose.ts';
import type { CommandAnswer } from '../command.ts';
import type { Difference } from '../difference.ts';
import { drifting } from '../drift.ts';
import { masked } from '../../../src/domain/noise.ts';
import { compareQuestions, textOf } from './compare.ts';
import { explainMiss } from './explain.ts';
import { readRecorded, rewritten, type Question, type Recorded, type RecordedCommand } from './recorded.ts';
import { handlingOf, isRead } from './synthesised.ts';

export type Match =
  | {
      readonly kind: 'answer';
      readonly recorded: Recorded;
      readonly grade: Grade;
      readonly explanation: readonly string[];
      readonly found?: readonly Difference[];
    }
  /** It blocks, and what it waits for never came again: until its own time is over. */
  | { readonly kind: 'waits'; readonly seconds: number; readonly explanation: readonly string[] }
  | { readonly kind: 'miss'; readonly explanation: readonly string[]; readonly nearest?: Nearest | undefined };

export type Follower = Following;

/** The recorded commands of one server. */
export class CommandMatcher {
  readonly #peer: string;
  readonly #now: () => number;
  readonly #candidates = new Candidates<Recorded>();
  /** Commands that got an error instead of QUEUED. */
  readonly #refused: readonly RecordedCommand[];
  readonly #served: (recorded: Recorded) => void;
  readonly #bindings: Bindings;

  /** Answers in recorded order. `peer` is how people call the server; `now` gives Unix ms; `served` is told of every answer that is given. */
  constructor(
    answers: readonly CommandAnswer[],
    conversations: readonly Conversation[],
    options: {
      readonly peer: string;
      readonly now: () => number;
      readonly served?: (recorded: Recorded) => void;
      readonly bindings?: Bindings;
    },
  ) {
    this.#peer = options.peer;
    this.#now = options.now;
    this.#served = options.served ?? (() => undefined);
    this.#bindings = options.bindings ?? new Bindings();
    const all = readRecorded(answers, conversations);
    for (const recorded of all) {
      const { kind, questions } = recorded;
      this.#candidates.add(recorded, shapeOf(kind, questions), textOf(kind, questions));
    }
    this.#refused = all.flatMap(({ inside }) => inside.filter(({ queued }) => queued?.kind === 'error'));
  }

  /** The answer to a command outside of MULTI. It counts as served. */
  match(asked: Question, follower: Follower): Match {
    return this.#match('command', [asked], follower);
  }

  /** The answer to EXEC, for the commands since MULTI. It counts as served. */
  matchTransaction(asked: readonly Question[], follower: Follower): Match {
    return this.#match('transaction', asked, follower);
  }

  /** What the recorded server said to the same question about itself or the connection; the last one again when there are no more. */
  information(asked: Question, follower: Follower): Match | undefined {
    const same = this.#candidates.asking(textOf('command', [asked])).map((candidate) => ({ candidate, found: [] }));
    const chosen = pick(same, follower) ?? same.at(-1);
    return chosen && this.#serve(chosen, follower);
  }

  /** The error that this command got instead of QUEUED, in any recorded transaction. */
  refusalInside(asked: Question): Recorded['queued'] {
    return this.#refused.find(({ question }) => {
      const same = question.name === asked.name && question.args.length === asked.args.length;
      return same && this.#differences([question], [asked], 0).length === 0;
    })?.queued;
  }

  /** Of the loop itself, and nothing asked for it. */
  unused(): readonly Recorded[] {
    return this.#candidates
      .all()
      .filter(({ served, lent, recorded }) => served + lent === 0 && recorded.source === 'loop')
      .map(({ recorded }) => recorded)
      .filter(({ question, kind }) => kind === 'transaction' || handlingOf(question.name) === 'data');
  }

  #match(kind: Recorded['kind'], asked: readonly Question[], follower: Follower): Match {
    const [own, other] = this.#lineups(kind, asked);
    const choosing = { follower, read: asked.every(isRead), bindings: this.#bindings };
    const chosen = choose(own, choosing) ?? choose(other, choosing);
    const [only] = asked;
    const seconds = kind === 'command' && only ? blocksFor(only) : undefined;
    if (chosen !== undefined && (seconds === undefined || chosen.candidate.served === 0 || !isEmpty(chosen)))
      return this.#serve(chosen, follower);
    const compared = [...own.all(), ...other.all()];
    if (seconds !== undefined && compared.some(isNoise))
      return { kind: 'waits', seconds, explanation: ['nothing more was recorded for it: it waits'] };
    const drifted = chooseDrifted(compared, follower, asked);
    if (drifted !== undefined) return this.#serve(drifted, follower);
    const explanation = explainMiss(asked, compared, this.#candidates.all(), this.#peer);
    return { kind: 'miss', explanation, nearest: nearestOf(compared) };
  }

  /**
   * What names its scripts as it is asked, and what does otherwise: a script that was recorded by its text may be asked by its digest; that the
   * server did not know it is only said to a digest.
   */
  #lineups(
    kind: Recorded['kind'],
    asked: readonly Question[],
  ): readonly [own: Lineup<Recorded>, other: Lineup<Recorded>] {
    const of = (accept: (recorded: Recorded) => boolean) =>
      new Lineup<Recorded>({
        candidates: this.#candidates,
        shape: shapeOf(kind, asked),
        text: textOf(kind, asked),
        bindings: this.#bindings,
        compare: ({ recorded }) =>
          accept(recorded) ? this.#differences(recorded.questions, asked, recorded.command.startedAt) : undefined,
      });
    return [
      of((recorded) => isSameForm(recorded, asked)),
      of((recorded) => !isSameForm(recorded, asked) && !isUnknownScript(recorded)),
    ];
  }

  #differences(recorded: readonly Question[], asked: readonly Question[], recordedAt: number): readonly Difference[] {
    const window = { recordedAt, now: this.#now() };
    return asked.flatMap((question, index) => {
      const other = recorded[index];
      return other === undefined ? [] : compareQuestions(other, question, window);
    });
  }

  #serve(chosen: Compared<Recorded>, follower: Follower): Match {
    const served = serve(chosen, { follower, bindings: this.#bindings }, rewritten);
    this.#served(served.recorded);
    return { kind: 'answer', ...served };
  }
}

/** Only what has as many arguments is compared. */
function shapeOf(kind: Recorded['kind'], questions: readonly Question[]): string {
  return `${kind} ${questions.map(({ name, args }) => `${name} ${args.length}`).join(', ')}`;
}

function isSameForm({ questions }: Recorded, asked: readonly Question[]): boolean {
  return questions.every(({ form }, index) => form === asked[index]?.form);
}

function isUnknownScript({ reply }: Recorded): boolean {
  return reply?.kind === 'error' && Buffer.from(reply.data.subarray(0, 8)).toString('latin1') === 'NOSCRIPT';
}

/** Another key is another question, as another path is. */
function chooseDrifted(
  compared: readonly Compared<Recorded>[],
  follower: Follower,
  asked: readonly Question[],
): Compared<Recorded> | undefined {
  const kin = kinOf(compared)
    .filter(({ candidate: { recorded } }) => !isUnknownScript(recorded) && sameScripts(recorded, asked))
    .filter(({ found }) => found.every(({ where, noise }) => noise || (where !== 'key' && where !== 'database')));
  return leastApart(drifting(kin, { answerOf }), follower);
}

const answers = new WeakMap<Recorded, string>();

/** What was answered, but for noise. */
function answerOf({ candidate: { recorded } }: Compared<Recorded>): string {
  const known = answers.get(recorded) ?? masked(Buffer.concat(recorded.command.response).toString('latin1'));
  answers.set(recorded, known);
  return known;
}

/** Another script is another command. */
function sameScripts(recorded: Recorded, asked: readonly Question[]): boolean {
  return recorded.questions.every(({ digest }, index) => digest === asked[index]?.digest);
}

function isEmpty({ candidate: { recorded } }: Compared<Recorded>): boolean {
  return recorded.reply === undefined || recorded.reply.kind === 'null';
}
