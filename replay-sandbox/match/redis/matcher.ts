/**
 * Chooses the recorded answer of a command or of a whole transaction: the same arguments first, then the same but for noise, then recorded
 * order among equals, staying with the recorded connection a replayed one has followed so far. What differs is said in the grade.
 */
import type { Conversation } from '../../../src/domain/conversation.ts';
import type { StreamId } from '../../../src/domain/ids.ts';
import { blocksFor } from '../../../src/wire/redis/language/commands.ts';
import { Bindings } from '../bindings.ts';
import type { Grade } from '../call.ts';
import type { CommandAnswer } from '../command.ts';
import type { Candidate, Compared } from './candidate.ts';
import { compareQuestions, keysResemble } from './compare.ts';
import { explainAnswer, explainMiss } from './explain.ts';
import { readRecorded, rewritten, type Question, type Recorded } from './recorded.ts';
import { handlingOf, isRead } from './synthesised.ts';

export type Match =
  | {
      readonly kind: 'answer';
      readonly recorded: Recorded;
      readonly grade: Grade;
      readonly explanation: readonly string[];
    }
  /** It blocks, and what it waits for never came again: until its own time is over. */
  | { readonly kind: 'waits'; readonly seconds: number; readonly explanation: readonly string[] }
  | { readonly kind: 'miss'; readonly explanation: readonly string[] };

/** Which recorded connection a replayed one follows. One per replayed connection, kept by its owner, changed here. */
export interface Follower {
  conversation?: StreamId;
}

type Accept = (compared: Compared) => boolean;

const isSame: Accept = ({ found }) => found.length === 0;
const isNoise: Accept = ({ found }) => found.every(({ noise }) => noise);

/** The recorded commands of one server. */
export class CommandMatcher {
  readonly #peer: string;
  readonly #now: () => number;
  readonly #byShape = new Map<string, Candidate[]>();
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
    for (const recorded of readRecorded(answers, conversations)) {
      const shape = shapeOf(recorded.kind, recorded.questions);
      const same = this.#byShape.get(shape);
      if (same === undefined) this.#byShape.set(shape, [{ recorded, served: 0 }]);
      else same.push({ recorded, served: 0 });
    }
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
    const same = this.#compare('command', [asked]).filter(isSame);
    const chosen = pick(same, isSame, follower) ?? same.at(-1);
    return chosen && this.#serve(chosen, follower);
  }

  /** The error that this command got instead of QUEUED, in any recorded transaction. */
  refusalInside(asked: Question): Recorded['queued'] {
    for (const { recorded } of this.#candidates()) {
      for (const { question, queued } of recorded.inside) {
        const same = question.name === asked.name && question.args.length === asked.args.length;
        if (same && queued?.kind === 'error' && this.#differences([question], [asked], 0).length === 0) return queued;
      }
    }
    return undefined;
  }

  /** Of the loop itself, and nothing asked for it. */
  unused(): readonly Recorded[] {
    return this.#candidates()
      .filter(({ served, recorded }) => served === 0 && recorded.source === 'loop')
      .map(({ recorded }) => recorded)
      .filter(({ question, kind }) => kind === 'transaction' || handlingOf(question.name) === 'data');
  }

  #match(kind: Recorded['kind'], asked: readonly Question[], follower: Follower): Match {
    const compared = this.#compare(kind, asked);
    const read = asked.every(isRead);
    const chosen = chooseByForm(compared, follower, read, this.#bindings);
    const [only] = asked;
    const seconds = kind === 'command' && only ? blocksFor(only) : undefined;
    if (chosen !== undefined && (seconds === undefined || chosen.candidate.served === 0 || !isEmpty(chosen)))
      return this.#serve(chosen, follower);
    if (seconds !== undefined && compared.some(isNoise))
      return { kind: 'waits', seconds, explanation: ['nothing more was recorded for it: it waits'] };
    const drifted = chooseDrifted(compared, follower, asked);
    if (drifted !== undefined) return this.#serve(drifted, follower);
    return { kind: 'miss', explanation: explainMiss(asked, compared, this.#candidates(), this.#peer) };
  }

  #candidates(): readonly Candidate[] {
    return [...this.#byShape.values()].flat();
  }

  #compare(kind: Recorded['kind'], asked: readonly Question[]): readonly Compared[] {
    return (this.#byShape.get(shapeOf(kind, asked)) ?? []).map((candidate) => {
      const { questions, command } = candidate.recorded;
      const sameForm = questions.every(({ form }, index) => form === asked[index]?.form);
      return { candidate, found: this.#differences(questions, asked, command.startedAt), sameForm };
    });
  }

  #differences(recorded: readonly Question[], asked: readonly Question[], recordedAt: number): Compared['found'] {
    const window = { recordedAt, now: this.#now() };
    return asked.flatMap((question, index) => {
      const other = recorded[index];
      return other === undefined ? [] : compareQuestions(other, question, window);
    });
  }

  #serve(chosen: Compared, follower: Follower): Match {
    const { candidate, found } = chosen;
    candidate.served += 1;
    const { recorded } = candidate;
    if (recorded.source === 'loop') follower.conversation = recorded.conversation;
    this.#served(recorded);
    this.#bindings.bind(found);
    const answer = rewritten(recorded, (bytes) => this.#bindings.replaced(bytes));
    return { kind: 'answer', recorded: answer, grade: gradeOf(chosen), explanation: explainAnswer(candidate, found) };
  }
}

/** Only what has as many arguments is compared. */
function shapeOf(kind: Recorded['kind'], questions: readonly Question[]): string {
  return `${kind} ${questions.map(({ name, args }) => `${name} ${args.length}`).join(', ')}`;
}

/** A script that was recorded by its text may be asked by its digest; that the server did not know it is only said to a digest. */
function chooseByForm(
  compared: readonly Compared[],
  follower: Follower,
  read: boolean,
  bindings: Bindings,
): Compared | undefined {
  const same = compared.filter(({ sameForm }) => sameForm);
  const other = compared.filter(({ sameForm, candidate }) => !sameForm && !isUnknownScript(candidate.recorded));
  return choose(same, follower, read, bindings) ?? choose(other, follower, read, bindings);
}

function isUnknownScript({ reply }: Recorded): boolean {
  return reply?.kind === 'error' && Buffer.from(reply.data.subarray(0, 8)).toString('latin1') === 'NOSCRIPT';
}

function choose(
  compared: readonly Compared[],
  follower: Follower,
  read: boolean,
  bindings: Bindings,
): Compared | undefined {
  const isBound: Accept = (entry) => isNoise(entry) && bindings.relation(entry.found) === 'bound';
  const isFree: Accept = (entry) => isNoise(entry) && bindings.relation(entry.found) === 'free';
  const next = (among: readonly Compared[]): Compared | undefined =>
    pick(among, isSame, follower) ??
    pick(among, isBound, follower) ??
    (read ? among.findLast(isBound) : undefined) ??
    pick(among, isFree, follower) ??
    pick(among, isNoise, follower);
  const certain = compared.filter(({ candidate }) => candidate.recorded.source === 'loop');
  const possible = compared.filter(({ candidate }) => candidate.recorded.source === 'candidate');
  const others = compared.filter(({ candidate }) => !['loop', 'candidate'].includes(candidate.recorded.source));
  return (
    next(certain) ??
    next(possible) ??
    (read ? again([...certain, ...possible]) : undefined) ??
    next(others) ??
    (read ? again(others) : undefined)
  );
}

/** The one with the fewest differences, of those whose keys resemble the asked ones. */
function chooseDrifted(
  compared: readonly Compared[],
  follower: Follower,
  asked: readonly Question[],
): Compared | undefined {
  const alike = compared
    .filter(({ candidate: { recorded } }) => !isUnknownScript(recorded))
    .filter(({ candidate: { recorded } }) => sameScripts(recorded, asked) && resemble(recorded, asked))
    .toSorted((one, other) => realOf(one) - realOf(other));
  const own = alike.filter(({ candidate }) => candidate.recorded.source === 'loop');
  const fewest = (some: readonly Compared[]) => {
    const free = some.filter(({ candidate }) => candidate.served === 0);
    const least = free[0] && realOf(free[0]);
    return pick(
      free.filter((entry) => realOf(entry) === least),
      () => true,
      follower,
    );
  };
  return fewest(own) ?? fewest(alike);
}

function realOf({ found }: Compared): number {
  return found.filter(({ noise }) => !noise).length;
}

function resemble(recorded: Recorded, asked: readonly Question[]): boolean {
  return recorded.questions.every((question, index) => {
    const other = asked[index];
    return other !== undefined && keysResemble(question, other);
  });
}

/** Another script is another command. */
function sameScripts(recorded: Recorded, asked: readonly Question[]): boolean {
  return recorded.questions.every(({ digest }, index) => digest === asked[index]?.digest);
}

/** Not served yet: of the followed connection, else the earliest. */
function pick(compared: readonly Compared[], accept: Accept, follower: Follower): Compared | undefined {
  const free = compared.filter((entry) => entry.candidate.served === 0 && accept(entry));
  return free.find(({ candidate }) => candidate.recorded.conversation === follower.conversation) ?? free[0];
}

/** A read that is asked more often than it was recorded gets its last recorded answer again. */
function again(compared: readonly Compared[]): Compared | undefined {
  return compared.findLast(isSame) ?? compared.findLast(isNoise);
}

function isEmpty({ candidate: { recorded } }: Compared): boolean {
  return recorded.reply === undefined || recorded.reply.kind === 'null';
}

function gradeOf({ candidate, found }: Compared): Grade {
  if (found.some(({ noise }) => !noise)) return 'drifted';
  const { source } = candidate.recorded;
  if (source !== 'loop' && source !== 'candidate') return 'borrowed';
  return found.length === 0 && source === 'loop' && candidate.served === 1 ? 'exact' : 'normalised';
}
