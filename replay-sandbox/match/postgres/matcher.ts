/**
 * Chooses the recorded answer of a statement: the statement itself first, then its values, then recorded order among equals, staying with
 * the recorded connection a replayed one has followed so far. What differs is said in the grade.
 */
import { decodeBackend, encodeBackend, type Column } from '../../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../../src/wire/postgres/framing.ts';
import { Bindings } from '../bindings.ts';
import type { Grade, Nearest } from '../call.ts';
import { identifier } from '../../../src/wire/postgres/language/sql.ts';
import { Candidates, Queue, type Candidate, type Compared, type Following } from '../candidates.ts';
import { choose, kinOf, leastApart, Lineup, nearestOf, serve } from '../choose.ts';
import { compareQuestions, textOf } from './compare.ts';
import { drifting } from '../drift.ts';
import { masked } from '../../../src/domain/noise.ts';
import { forwardStep, recordedCursors, type CursorRecording, type OpenCursor } from './language/cursors.ts';
import { explainMiss } from './explain.ts';
import type { CommandAnswer } from '../command.ts';
import type { Difference } from '../difference.ts';
import { readRecorded, type Question, type RecordedStatement } from './recorded.ts';
import { standIns } from './language/stand-ins.ts';
import { isRead, sessionAnswer, sessionColumn, synthesisedTag, type SessionAnswer } from './synthesised.ts';

export type Match =
  | {
      readonly kind: 'answer';
      readonly statement: RecordedStatement;
      readonly grade: Grade;
      readonly explanation: readonly string[];
      readonly found?: readonly Difference[];
    }
  /** No recording is needed: the answer is this command tag, and a value where one was asked for. */
  | {
      readonly kind: 'synthesised';
      readonly tag: string;
      readonly answer?: SessionAnswer;
      /** What the recorded server reported when it was asked the same. */
      readonly reported?: RecordedStatement['reported'];
    }
  | { readonly kind: 'miss'; readonly explanation: readonly string[]; readonly nearest?: Nearest | undefined };

export interface Follower extends Following {
  /** Cursors it has declared, by name. */
  readonly cursors?: Map<string, OpenCursor>;
}

/** What preparing a statement would tell, from any recorded run of it. */
export interface Description {
  readonly parameterTypes: readonly number[] | undefined;
  readonly columns: readonly Column[] | undefined;
}

/** The recorded statements of one database. */
export class StatementMatcher {
  readonly #peer: string;
  readonly #now: () => number;
  readonly #settings: ReadonlyMap<string, string>;
  readonly #bindings: Bindings;
  readonly #candidates = new Candidates<RecordedStatement>();
  /** By text, also those that failed at Parse. */
  readonly #runs = new Map<string, Queue<RecordedStatement>>();
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
    bindings = new Bindings(),
  ) {
    this.#bindings = bindings;
    this.#peer = peer;
    this.#now = now;
    this.#settings = settings;
    const all = readRecorded(answers);
    for (const statement of all) this.#learn(statement);
    const candidates = all.map((statement) => this.#add(statement));
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
    const lineup = this.#lineup(asked);
    const chosen = choose(lineup, { follower, read: isRead(asked.sql), bindings: this.#bindings });
    if (chosen !== undefined) return this.#serve(chosen, follower, asked);
    const tag = synthesisedTag(asked.sql);
    if (tag !== undefined) return { kind: 'synthesised', tag, reported: this.#reported.get(asked.text) ?? [] };
    const answer = sessionAnswer(asked.sql, this.#settings);
    if (answer !== undefined) return { kind: 'synthesised', tag: answer.tag, answer };
    const compared = lineup.all();
    const kin = kinOf(compared);
    const drifted = leastApart(kin.length > 0 ? drifting(kin, { answerOf }) : standIns(asked, compared), follower);
    if (drifted !== undefined) return this.#serve(drifted, follower, asked);
    const explanation = explainMiss(asked, compared, this.#candidates.all(), this.#peer);
    return { kind: 'miss', explanation, nearest: nearestOf(compared) };
  }

  /** When the next recorded run of this statement did not get beyond Parse: that failure. It counts as served. */
  matchParse(asked: Question, follower: Follower): Match | undefined {
    const runs = this.#runs.get(asked.text);
    const next = runs?.first() ?? (runs?.all.every(isParseFailure) ? runs.all.at(-1) : undefined);
    return next && isParseFailure(next) ? this.#serve({ candidate: next, found: [] }, follower, asked) : undefined;
  }

  /** Recorded statements of the loop itself that nothing asked for. */
  unused(): readonly RecordedStatement[] {
    return this.#candidates
      .all()
      .filter(({ served, lent, recorded }) => served + lent === 0 && recorded.source === 'loop')
      .map(({ recorded }) => recorded)
      .filter(({ question }) => synthesisedTag(question.sql) === undefined);
  }

  #learn({ question: { text }, reported, parameterTypes, columns }: RecordedStatement): void {
    if (reported.length > 0 && !this.#reported.has(text)) this.#reported.set(text, reported);
    const known = this.#descriptions.get(text);
    this.#descriptions.set(text, {
      parameterTypes: known?.parameterTypes ?? parameterTypes,
      columns: known?.columns ?? columns,
    });
  }

  /** What was only prepared answers nothing. */
  #add(statement: RecordedStatement): Candidate<RecordedStatement> {
    const { question, reached } = statement;
    if (reached === 'preparation' || question.text === '') return { recorded: statement, served: 0, lent: 0 };
    const place = reached === 'parse' ? 'parse' : 'run';
    const candidate = this.#candidates.add(
      statement,
      `${place} ${question.shape}`,
      `${place} ${textOf(question, this.#typesOf(question))}`,
    );
    const runs = this.#runs.get(question.text) ?? new Queue<RecordedStatement>();
    this.#runs.set(question.text, runs);
    runs.push(candidate);
    return candidate;
  }

  #typesOf({ text }: Question): readonly number[] | undefined {
    return this.#descriptions.get(text)?.parameterTypes;
  }

  #lineup(asked: Question): Lineup<RecordedStatement> {
    return new Lineup({
      candidates: this.#candidates,
      shape: `run ${asked.shape}`,
      text: `run ${textOf(asked, this.#typesOf(asked))}`,
      compare: (candidate) => this.#differences(candidate, asked),
      bindings: this.#bindings,
    });
  }

  #differences({ recorded }: Candidate<RecordedStatement>, asked: Question): readonly Difference[] | undefined {
    const { question, command } = recorded;
    const window = { recordedAt: command.startedAt, now: this.#now() };
    return compareQuestions(question, asked, this.#typesOf(question), window);
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
      const found = this.#differences(same.candidate, asked) ?? [];
      return this.#serve({ candidate: same.candidate, found }, follower, asked);
    }
    // Where the recording does not lead on, what comes is found like any other statement, and where it stands is not known any more.
    if (cut === undefined) return void follower.cursors?.delete(step.name);
    for (const candidate of cut.of) candidate.served ||= 1;
    const statement = rewritten(cut.statement, (message) => this.#bindings.replaced(message));
    const explanation = ['fetched in other parts than in the recording'];
    return { kind: 'answer', statement, grade: 'normalised', explanation };
  }

  #serve(chosen: Compared<RecordedStatement>, follower: Follower, asked: Question): Match {
    const declared = this.#cursors.get(chosen.candidate.recorded.command.id);
    if (declared !== undefined && asked.handle !== undefined)
      follower.cursors?.set(identifier(asked.handle), { recording: declared, at: 0 });
    const { recorded, ...rest } = serve(chosen, { follower, bindings: this.#bindings }, rewritten);
    return { kind: 'answer', statement: recorded, ...rest };
  }
}

const answers = new WeakMap<RecordedStatement, string>();

/** What was answered, but for noise. */
function answerOf({ candidate: { recorded } }: Compared<RecordedStatement>): string {
  const known = answers.get(recorded) ?? masked(Buffer.concat(recorded.answer).toString('latin1'));
  answers.set(recorded, known);
  return known;
}

function isParseFailure({ recorded }: Candidate<RecordedStatement>): boolean {
  return recorded.reached === 'parse';
}

function rewritten(
  statement: RecordedStatement,
  replace: (message: Uint8Array) => Uint8Array,
  text: (value: string) => string = (value) => value,
): RecordedStatement {
  return { ...statement, answer: statement.answer.map((message) => rewrittenRow(replace(message), text)) };
}

/** Where a value of another length stands in a row. */
function rewrittenRow(message: Uint8Array, text: (value: string) => string): Uint8Array {
  const row = message[0] === DATA_ROW ? decodeBackend(messageFrame(message)) : undefined;
  if (row?.kind !== 'data-row') return message;
  const values = row.values.map((value) => value && rewrittenValue(value, text));
  return values.every((value, at) => value === row.values[at]) ? message : encodeBackend({ kind: 'data-row', values });
}

function rewrittenValue(value: Uint8Array, text: (value: string) => string): Uint8Array {
  const known = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  const given = text(known);
  return given === known ? value : Buffer.from(given, 'latin1');
}

const DATA_ROW = 'D'.charCodeAt(0);
