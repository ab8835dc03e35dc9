/**
 * Chooses the recorded answer of a statement: the statement itself first, then its values, then recorded order among equals, staying with
 * the recorded connection a replayed one has followed so far. What differs is said in the grade.
 */
import type { StreamId } from '../../../src/domain/ids.ts';
import type { Column } from '../../../src/wire/postgres/backend.ts';
import { Bindings } from '../bindings.ts';
import type { Grade } from '../call.ts';
import { identifier } from '../../../src/wire/postgres/language/sql.ts';
import type { Candidate, Compared } from './candidate.ts';
import { compareQuestions } from './compare.ts';
import { forwardStep, recordedCursors, type CursorRecording, type OpenCursor } from './language/cursors.ts';
import { explainAnswer, explainMiss } from './explain.ts';
import type { CommandAnswer } from '../command.ts';
import { readRecorded, type Question, type RecordedStatement } from './recorded.ts';
import { isRead, sessionAnswer, sessionColumn, synthesisedTag, type SessionAnswer } from './synthesised.ts';

export type Match =
  | {
      readonly kind: 'answer';
      readonly statement: RecordedStatement;
      readonly grade: Grade;
      readonly explanation: readonly string[];
    }
  /** No recording is needed: the answer is this command tag, and a value where one was asked for. */
  | {
      readonly kind: 'synthesised';
      readonly tag: string;
      readonly answer?: SessionAnswer;
      /** What the recorded server reported when it was asked the same. */
      readonly reported?: RecordedStatement['reported'];
    }
  | { readonly kind: 'miss'; readonly explanation: readonly string[] };

/** Which recorded connection a replayed one follows. One per replayed connection, kept by its owner, changed here. */
export interface Follower {
  conversation?: StreamId;
  /** Cursors it has declared, by name. */
  readonly cursors?: Map<string, OpenCursor>;
}

/** What preparing a statement would tell, from any recorded run of it. */
export interface Description {
  readonly parameterTypes: readonly number[] | undefined;
  readonly columns: readonly Column[] | undefined;
}

type Accept = (compared: Compared) => boolean;

const isSame: Accept = ({ found }) => found.length === 0;
const isNoise: Accept = ({ found }) => found.every(({ noise }) => noise);
const isAny: Accept = () => true;

/** The recorded statements of one database. */
export class StatementMatcher {
  readonly #peer: string;
  readonly #now: () => number;
  readonly #settings: ReadonlyMap<string, string>;
  readonly #bindings = new Bindings();
  readonly #byShape = new Map<string, Candidate[]>();
  readonly #descriptions = new Map<string, Description>();
  readonly #reported = new Map<string, RecordedStatement['reported']>();
  readonly #cursors: ReadonlyMap<string, CursorRecording>;

  /**
   * Answers in recorded order. `peer` is how people call the database; `now` gives Unix ms; `settings` is what its server said of itself at
   * start-up.
   */
  constructor(
    answers: readonly CommandAnswer[],
    peer: string,
    now: () => number,
    settings: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#peer = peer;
    this.#now = now;
    this.#settings = settings;
    const candidates = readRecorded(answers).map((statement) => ({ statement, served: 0 }));
    for (const candidate of candidates) this.#add(candidate);
    this.#cursors = recordedCursors(candidates);
  }

  describe({ text }: Pick<Question, 'text'>): Description | undefined {
    const known = this.#descriptions.get(text);
    const answer = known === undefined ? sessionAnswer(text, this.#settings) : undefined;
    return answer === undefined ? known : { parameterTypes: [], columns: [sessionColumn(answer)] };
  }

  /** The answer when a statement is bound, or sent as a simple query. It counts as served. */
  match(asked: Question, follower: Follower): Match {
    const fetched = this.#fetch(asked, follower);
    if (fetched !== undefined) return fetched;
    const compared = this.#compare(asked).filter(({ candidate }) => candidate.statement.reached !== 'parse');
    const chosen = choose(compared, follower, isRead(asked.sql), this.#bindings);
    if (chosen !== undefined) return this.#serve(chosen, follower, asked);
    const tag = synthesisedTag(asked.sql);
    if (tag !== undefined) return { kind: 'synthesised', tag, reported: this.#reported.get(asked.text) ?? [] };
    const answer = sessionAnswer(asked.sql, this.#settings);
    if (answer !== undefined) return { kind: 'synthesised', tag: answer.tag, answer };
    const drifted = chooseDrifted(compared, follower);
    if (drifted !== undefined) return this.#serve(drifted, follower, asked);
    return { kind: 'miss', explanation: explainMiss(asked, compared, this.#candidates(), this.#peer) };
  }

  /** When the next recorded run of this statement did not get beyond Parse: that failure. It counts as served. */
  matchParse(asked: Question, follower: Follower): Match | undefined {
    const same = (this.#byShape.get(asked.shape) ?? []).filter(
      ({ statement }) => statement.question.text === asked.text,
    );
    const failures = same.filter(({ statement }) => statement.reached === 'parse');
    const next =
      same.find(({ served }) => served === 0) ?? (failures.length === same.length ? failures.at(-1) : undefined);
    return next?.statement.reached === 'parse'
      ? this.#serve({ candidate: next, found: [] }, follower, asked)
      : undefined;
  }

  /** Recorded statements of the loop itself that nothing asked for. */
  unused(): readonly RecordedStatement[] {
    return this.#candidates()
      .filter(({ served, statement }) => served === 0 && statement.source === 'loop')
      .map(({ statement }) => statement)
      .filter(({ question, reached }) => reached !== 'preparation' && synthesisedTag(question.sql) === undefined);
  }

  #add(candidate: Candidate): void {
    const { statement } = candidate;
    const { shape, text } = statement.question;
    if (statement.reached !== 'preparation' && text !== '') {
      const same = this.#byShape.get(shape);
      if (same === undefined) this.#byShape.set(shape, [candidate]);
      else same.push(candidate);
    }
    if (statement.reported.length > 0 && !this.#reported.has(text)) this.#reported.set(text, statement.reported);
    const known = this.#descriptions.get(text);
    const parameterTypes = known?.parameterTypes ?? statement.parameterTypes;
    this.#descriptions.set(text, { parameterTypes, columns: known?.columns ?? statement.columns });
  }

  #candidates(): readonly Candidate[] {
    return [...this.#byShape.values()].flat();
  }

  #compare(asked: Question): readonly Compared[] {
    return (this.#byShape.get(asked.shape) ?? []).flatMap((candidate) => {
      const { question, command } = candidate.statement;
      const known = this.#descriptions.get(question.text)?.parameterTypes;
      const found = compareQuestions(question, asked, known, { recordedAt: command.startedAt, now: this.#now() });
      return found === undefined ? [] : [{ candidate, found }];
    });
  }

  /** A step of a cursor that this connection has declared: as it was recorded, or the same rows in other parts. */
  #fetch(asked: Question, follower: Follower): Match | undefined {
    const step = forwardStep(asked.sql);
    const cursor = step && follower.cursors?.get(step.name);
    if (step === undefined || cursor === undefined) return undefined;
    const same = cursor.recording.same(cursor.at, step);
    const cut = same === undefined ? cursor.recording.cut(cursor.at, step) : undefined;
    cursor.at += same?.moved ?? cut?.moved ?? 0;
    if (same !== undefined) {
      const compared = this.#compare(asked).find(({ candidate }) => candidate === same.candidate);
      return this.#serve(compared ?? { candidate: same.candidate, found: [] }, follower, asked);
    }
    // Where the recording does not lead on, what comes is found like any other statement, and where it stands is not known any more.
    if (cut === undefined) return void follower.cursors?.delete(step.name);
    for (const candidate of cut.of) candidate.served ||= 1;
    const explanation = ['fetched in other parts than in the recording'];
    return { kind: 'answer', statement: cut.statement, grade: 'normalised', explanation };
  }

  #serve(chosen: Compared, follower: Follower, asked: Question): Match {
    const { candidate, found } = chosen;
    const declared = this.#cursors.get(candidate.statement.command.id);
    if (declared !== undefined && asked.handle !== undefined)
      follower.cursors?.set(identifier(asked.handle), { recording: declared, at: 0 });
    candidate.served += 1;
    if (candidate.statement.source === 'loop') follower.conversation = candidate.statement.conversation;
    const explanation = explainAnswer(candidate, found);
    this.#bindings.bind(found);
    const answer = candidate.statement.answer.map((message) => this.#bindings.replaced(message));
    return { kind: 'answer', statement: { ...candidate.statement, answer }, grade: gradeOf(chosen), explanation };
  }
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
  const certain = compared.filter(({ candidate }) => candidate.statement.source === 'loop');
  const possible = compared.filter(({ candidate }) => candidate.statement.source === 'candidate');
  const others = compared.filter(({ candidate }) => !['loop', 'candidate'].includes(candidate.statement.source));
  return (
    next(certain) ??
    next(possible) ??
    (read ? again([...certain, ...possible]) : undefined) ??
    next(others) ??
    (read ? again(others) : undefined)
  );
}

function chooseDrifted(compared: readonly Compared[], follower: Follower): Compared | undefined {
  const own = compared.filter(({ candidate }) => candidate.statement.source === 'loop');
  return pick(own, isAny, follower) ?? pick(compared, isAny, follower);
}

/** Not served yet: of the followed connection, else the earliest. */
function pick(compared: readonly Compared[], accept: Accept, follower: Follower): Compared | undefined {
  const free = compared.filter((entry) => entry.candidate.served === 0 && accept(entry));
  return free.find(({ candidate }) => candidate.statement.conversation === follower.conversation) ?? free[0];
}

/** A read that is asked more often than it was recorded gets its last recorded answer again. */
function again(compared: readonly Compared[]): Compared | undefined {
  return compared.findLast(isSame) ?? compared.findLast(isNoise);
}

function gradeOf({ candidate, found }: Compared): Grade {
  if (found.some(({ noise }) => !noise)) return 'drifted';
  const { source } = candidate.statement;
  if (source !== 'loop' && source !== 'candidate') return 'borrowed';
  return found.length === 0 && source === 'loop' && candidate.served === 1 ? 'exact' : 'normalised';
}
