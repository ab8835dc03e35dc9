/** Where the answers of one connection are handed out: part by part, with the waiting in between, and what follows from them. */
import { encodeBackend, type Column, type TransactionStatus } from '../../../../src/wire/postgres/backend.ts';
import type { Frontend } from '../../../../src/wire/postgres/frontend.ts';
import type { Follower, Match, StatementMatcher } from '../../../match/postgres/matcher.ts';
import type { Question } from '../../../match/postgres/recorded.ts';
import { errorResponse, missResponse } from '../handshake.ts';
import type { Run, StatementCall } from '../run.ts';
import { TransactionState } from '../transaction.ts';

export interface DeskOptions {
  readonly matcher: StatementMatcher;
  /** Told of every statement as soon as its answer is complete, or it is known that it never will be. */
  readonly answered: (call: StatementCall) => void;
  /** Told of every statement that has its answer, with the recorded command that gave it. */
  readonly finished?: (run: Run) => void;
  /** No transaction is open any more. */
  readonly settled?: () => void;
  /** What stands in front of ReadyForQuery; `failed`: something has since the last one. */
  readonly reported?: (status: TransactionStatus, failed: boolean) => readonly Uint8Array[];
  /** A statement waits to be cancelled; `ms`: its client should have done so by then. */
  readonly held?: (ms: number) => void;
}

export type Sent = { readonly kind: 'send'; readonly bytes: Uint8Array } | { readonly kind: 'close' };

/** Why the next part does not come: the client's data come first, it is to be cancelled, or the recorded server never said more. */
interface Pause {
  readonly why: 'copy-in' | 'held' | 'hung';
  readonly run: Run;
  readonly maxRows: number;
  /** What follows once it is over. */
  readonly onward: () => void;
}

export class Desk {
  readonly options: DeskOptions;
  readonly transaction = new TransactionState();
  readonly #follower: Follower = { cursors: new Map() };
  /** After an error everything up to Sync is passed over. */
  skipping = false;
  #sent: Sent[] = [];
  #pause: Pause | undefined;
  #asides: Uint8Array[] = [];
  #idle = false;

  constructor(options: DeskOptions) {
    this.options = options;
  }

  /** Nothing can be taken from the client before something else happens. */
  get waiting(): boolean {
    return this.#pause !== undefined && this.#pause.why !== 'copy-in';
  }

  get copying(): boolean {
    return this.#pause?.why === 'copy-in';
  }

  /** What there is to be sent since it was last taken. */
  take(): readonly Sent[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  send(...messages: readonly Uint8Array[]): void {
    if (this.#sent.at(-1)?.kind === 'close') return;
    for (const bytes of messages) this.#sent.push({ kind: 'send', bytes });
  }

  close(): void {
    this.#sent.push({ kind: 'close' });
  }

  fail(error: Uint8Array, sql: string): void {
    this.send(error);
    this.transaction.failed(sql);
    this.skipping = true;
  }

  aborted(sql: string): void {
    this.options.answered({ summary: sql, grade: 'synthesised', explanation: [] });
    const text = 'current transaction is aborted, commands ignored until end of transaction block';
    this.fail(errorResponse('25P02', text), sql);
  }

  /** ReadyForQuery: the end of a simple query, or of everything up to Sync. */
  ready(): void {
    const failed = this.skipping;
    this.skipping = false;
    if (this.transaction.status === 'I') {
      this.options.settled?.();
      this.send(...this.#asides.splice(0));
    }
    const { status } = this.transaction;
    this.send(...(this.options.reported?.(status, failed) ?? []), encodeBackend({ kind: 'ready', status }));
    this.#idle = true;
  }

  busy(): void {
    this.#idle = false;
  }

  /** Notifications: at once while nothing else is going on, else before the next ReadyForQuery outside of a transaction. */
  aside(...messages: readonly Uint8Array[]): void {
    if (this.#idle && this.transaction.status === 'I') this.send(...messages);
    else this.#asides.push(...messages);
  }

  match(asked: Question): Match {
    return asked.sql === '' ? { kind: 'synthesised', tag: '' } : this.options.matcher.match(asked, this.#follower);
  }

  /** Of a cursor that was declared on this connection, as far as is known; undefined when there is none of that name. */
  cursor(name: string): { readonly columns: readonly Column[] | undefined } | undefined {
    const open = this.#follower.cursors?.get(name);
    return open && { columns: open.recording.columns };
  }

  matchParse(asked: Question): Match | undefined {
    return this.options.matcher.matchParse(asked, this.#follower);
  }

  /** Undefined: there is no answer, and the client was told so. */
  choose(asked: Question, begin: (asked: Question, match: Exclude<Match, { kind: 'miss' }>) => Run): Run | undefined {
    if (!this.transaction.accepts(asked.sql)) {
      this.aborted(asked.sql);
      return undefined;
    }
    const match = this.match(asked);
    if (match.kind !== 'miss') return begin(asked, match);
    this.options.answered({
      summary: asked.sql,
      grade: 'missed',
      explanation: match.explanation,
      nearest: match.nearest,
    });
    this.fail(missResponse(match.explanation), asked.sql);
    return undefined;
  }

  /** Sends the next part of an answer. False when it has to wait; then `onward` is called once it is over. */
  give(run: Run, maxRows: number, onward: () => void = () => undefined): boolean {
    const { messages, stop } = run.next(maxRows, this.transaction);
    this.send(...messages);
    switch (stop) {
      case 'done':
        this.#finish(run);
        return true;
      case 'suspended':
        this.options.answered(run.call());
        this.send(encodeBackend({ kind: 'portal-suspended' }));
        return true;
      case 'unrecorded':
        this.#miss(run, 'the recording holds no more rows of this portal');
        return true;
      case 'copy-in':
        return this.#wait({ why: 'copy-in', run, maxRows, onward });
      case 'cancelled':
        this.options.held?.(run.recordedMs);
        return this.#wait({ why: 'held', run, maxRows, onward });
      case 'hangs':
        this.options.answered(run.call('no answer was recorded: the statement hangs, as it did'));
        return this.#wait({ why: 'hung', run, maxRows, onward });
    }
  }

  /** Cancels what runs, as far as its recorded answer allows: one that ended so ends so, and one that never ended does now. */
  cancel(): void {
    const pause = this.#pause;
    if (pause === undefined || pause.why === 'copy-in') return;
    if (pause.why === 'held') return this.release();
    this.#pause = undefined;
    this.fail(errorResponse('57014', 'canceling statement due to user request'), pause.run.question.sql);
    pause.onward();
  }

  /** Whoever was to cancel has not: the answer comes all the same. */
  release(): void {
    const pause = this.#pause;
    if (pause?.why !== 'held') return;
    this.#pause = undefined;
    if (this.give(pause.run, pause.maxRows, pause.onward)) pause.onward();
  }

  /** While the server waits for data; Sync and Flush are ignored then. */
  copy(message: Frontend): void {
    const pause = this.#pause;
    if (pause?.why !== 'copy-in') return;
    const { run, maxRows, onward } = pause;
    if (message.kind === 'copy-data') run.copied(message.data);
    if (message.kind !== 'copy-done' && message.kind !== 'copy-fail') return;
    this.#pause = undefined;
    if (message.kind === 'copy-fail' && !run.brokenOff) {
      this.options.answered(run.call('the client broke its copy off'));
      this.fail(errorResponse('57014', `COPY from stdin failed: ${message.reason}`), run.question.sql);
      onward();
    } else if (this.give(run, maxRows, onward)) onward();
  }

  #wait(pause: Pause): false {
    this.#pause = pause;
    return false;
  }

  #finish(run: Run): void {
    this.options.answered(run.call());
    if (run.failed) this.skipping = true;
    this.options.finished?.(run);
    if (run.fatal) this.close();
  }

  #miss(run: Run, why: string): void {
    const explanation = [`${run.question.sql}: ${why}.`];
    this.options.answered({ summary: run.question.sql, grade: 'missed', explanation });
    this.fail(missResponse(explanation), run.question.sql);
  }
}
