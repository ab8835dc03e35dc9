/**
 * Cursors of SQL (DECLARE, then FETCH as often as wanted): which rows stand where, so that they can be fetched in other parts than in the
 * recording.
 */
import { decodeBackend, encodeBackend, type Column } from '../../../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../../../src/wire/postgres/framing.ts';
import { identifier } from '../../../../src/wire/postgres/language/sql.ts';
import type { Candidate as CandidateOf } from '../../candidates.ts';
import type { RecordedStatement } from '../recorded.ts';

type Candidate = CandidateOf<RecordedStatement>;

/** A FETCH or MOVE that goes forward. */
export interface Step {
  readonly verb: 'FETCH' | 'MOVE';
  readonly name: string;
  /** Rows at most; Infinity for all. */
  readonly count: number;
}

/** One recorded step of a cursor. */
interface Stride {
  readonly candidate: Candidate;
  readonly step: Step;
  /** Rows in front of it, and rows it went over. */
  readonly at: number;
  readonly rows: readonly Uint8Array[];
  readonly moved: number;
}

const FORWARD =
  /^(FETCH|MOVE) (?:(NEXT|FORWARD ALL|ALL|FORWARD|[0-9]+|FORWARD [0-9]+) )?(?:(?:FROM|IN) )?("(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)$/i;

/** Undefined for every other statement, and for one that goes elsewhere than forward. */
export function forwardStep(sql: string): Step | undefined {
  const [, verb = '', how = '', name = ''] = FORWARD.exec(sql) ?? [];
  if (name === '') return undefined;
  const count = /ALL$/i.test(how) ? Infinity : Number(/\d+$/.exec(how)?.[0] ?? 1);
  return { verb: /^FETCH$/i.test(verb) ? 'FETCH' : 'MOVE', name: identifier(name), count };
}

/** One of a replayed connection: what was recorded of it, and how many rows lie behind. */
export interface OpenCursor {
  readonly recording: CursorRecording;
  at: number;
}

/** What was recorded of one cursor. */
export class CursorRecording {
  readonly #strides: Stride[] = [];
  #length = 0;
  #ended = false;

  /** Adds the next recorded step. */
  add(candidate: Candidate, step: Step): void {
    const { answer, command } = candidate.recorded;
    const rows = answer.filter((message) => message[0] === 0x44);
    const moved = step.verb === 'FETCH' ? rows.length : movedBy(answer);
    if (command.error !== undefined || moved === undefined) return;
    this.#strides.push({ candidate, step, at: this.#length, rows, moved });
    this.#length += moved;
    this.#ended ||= moved < step.count;
  }

  /** Undefined when no FETCH told. */
  get columns(): readonly Column[] | undefined {
    return this.#strides
      .map(({ candidate }) => candidate.recorded.columns)
      .find((columns) => (columns?.length ?? 0) > 0);
  }

  /** The recorded step itself, when it stood at this place. */
  same(at: number, step: Step): Stride | undefined {
    return this.#strides.find(
      (stride) => stride.at === at && stride.step.verb === step.verb && stride.step.count === step.count,
    );
  }

  /** The rows at this place, out of other parts; undefined when the recording does not hold them all. */
  cut(
    at: number,
    step: Step,
  ): { readonly statement: RecordedStatement; readonly moved: number; readonly of: readonly Candidate[] } | undefined {
    const end = Math.min(at + step.count, this.#length);
    if (end < at + step.count && !this.#ended) return undefined;
    const touched = this.#strides.filter((stride) => stride.at + stride.moved > at && stride.at < end);
    const fetched = touched.filter(({ step: { verb } }) => verb === 'FETCH');
    const model = fetched[0] ?? this.#strides.findLast(({ step: { verb } }) => verb === 'FETCH');
    if (model === undefined || (step.verb === 'FETCH' && fetched.length < touched.length)) return undefined;
    const rows = fetched.flatMap((stride) => stride.rows.slice(Math.max(0, at - stride.at), end - stride.at));
    const moved = Math.max(0, end - at);
    const tag = encodeBackend({ kind: 'command-complete', tag: `${step.verb} ${moved}` });
    const before = model.candidate.recorded.answer.filter((message) => message[0] === 0x54);
    const answer = step.verb === 'FETCH' ? [...before, ...rows, tag] : [tag];
    return {
      statement: { ...model.candidate.recorded, answer },
      moved,
      of: touched.map(({ candidate }) => candidate),
    };
  }
}

function movedBy(answer: readonly Uint8Array[]): number | undefined {
  const complete = answer
    .map((message) => decodeBackend(messageFrame(message)))
    .find((message) => message?.kind === 'command-complete');
  const count = complete?.kind === 'command-complete' ? /\d+$/.exec(complete.tag)?.[0] : undefined;
  return count === undefined ? undefined : Number(count);
}

/** By id of the command that declared them. Candidates in recorded order. */
export function recordedCursors(candidates: readonly Candidate[]): ReadonlyMap<string, CursorRecording> {
  const all = new Map<string, CursorRecording>();
  const open = new Map<string, CursorRecording>();
  for (const candidate of candidates) {
    const { question, conversation } = candidate.recorded;
    const step = forwardStep(question.sql);
    if (/^DECLARE /i.test(question.sql) && question.handle !== undefined) {
      const cursor = new CursorRecording();
      open.set(`${conversation} ${identifier(question.handle)}`, cursor);
      all.set(candidate.recorded.command.id, cursor);
    } else if (step !== undefined) open.get(`${conversation} ${step.name}`)?.add(candidate, step);
  }
  return all;
}
