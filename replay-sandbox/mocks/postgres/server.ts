/**
 * A Postgres server that knows nothing but recorded answers: messages in, actions out. It prepares anything, chooses the answer when a
 * statement is bound (when its values are known) and gives it out when it is executed.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html
 */
import { encodeBackend } from '../../../src/wire/postgres/backend.ts';
import type { Bind, Frontend, Named, Parse } from '../../../src/wire/postgres/frontend.ts';
import { splitStatements } from '../../../src/wire/postgres/language/sql.ts';
import type { Follower, Match, StatementMatcher } from '../../match/postgres/matcher.ts';
import { questionOf, type Question } from '../../match/postgres/recorded.ts';
import { synthesisedTag } from '../../match/postgres/synthesised.ts';
import { errorResponse, handshake, missResponse } from './handshake.ts';
import { describedColumns } from './playback.ts';
import { Run, type StatementCall } from './run.ts';
import { TransactionState } from './transaction.ts';

export interface ServerOptions {
  readonly matcher: StatementMatcher;
  /** As the recorded server told them. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Stands for this connection in BackendKeyData. */
  readonly process: number;
  /** Answer SSLRequest with yes. */
  readonly encrypts: boolean;
  /** Told of every statement as soon as its answer is complete, or it is known that it never will be. */
  readonly answered: (call: StatementCall) => void;
}

/** `encrypt`: what follows is TLS. */
export type Action =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'encrypt' }
  | { readonly kind: 'close' };

interface Portal {
  readonly run: Run;
  readonly bind: Bind;
}

export class PostgresServer {
  readonly #options: ServerOptions;
  readonly #statements = new Map<string, Parse>();
  readonly #portals = new Map<string, Portal>();
  readonly #transaction = new TransactionState();
  readonly #follower: Follower = {};
  #actions: Action[] = [];
  /** `skipping`: after an error, up to Sync. `hung`: the recorded server never said more. */
  #mode: 'serving' | 'skipping' | 'hung' = 'serving';
  /** The run that waits for copied data. */
  #copying: { readonly run: Run; readonly simple: boolean } | undefined;
  /** Runs of a simple query that are still to come. */
  #queue: (() => Run | undefined)[] = [];

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Undefined stands for a message that does not follow its grammar. */
  handle(message: Frontend | undefined): readonly Action[] {
    this.#actions = [];
    if (message === undefined) this.#violation();
    else if (message.kind === 'terminate' || message.kind === 'cancel') this.#actions.push({ kind: 'close' });
    else if (this.#mode === 'hung') return [];
    else if (this.#copying !== undefined) this.#copy(message, this.#copying);
    else if (this.#mode === 'serving' || message.kind === 'sync') this.#serve(message);
    return this.#actions;
  }

  #serve(message: Frontend): void {
    switch (message.kind) {
      case 'startup':
        return this.#send(...handshake(message, this.#options.parameters, this.#options.process));
      case 'ssl':
        return this.#encrypt();
      case 'gss':
        return this.#send(Buffer.from('N'));
      case 'query':
        return this.#query(message.sql);
      case 'parse':
        return this.#parse(message);
      case 'bind':
        return this.#bind(message);
      case 'describe':
        return this.#describe(message);
      case 'execute':
        return this.#execute(message.portal, message.maxRows);
      case 'close':
        return this.#close(message);
      case 'sync':
        return this.#sync();
      case 'function-call':
        this.#fail(errorResponse('0A000', 'loop replay: function calls of the old kind are not replayed'), '');
        return this.#sync();
      // Flush: everything is sent at once. The others mean nothing here, as in Postgres.
      case 'flush':
      case 'password':
      case 'copy-data':
      case 'copy-done':
      case 'copy-fail':
      case 'terminate':
      case 'cancel':
        return undefined;
    }
  }

  #encrypt(): void {
    this.#send(Buffer.from(this.#options.encrypts ? 'S' : 'N'));
    if (this.#options.encrypts) this.#actions.push({ kind: 'encrypt' });
  }

  #query(sql: string): void {
    this.#statements.delete('');
    this.#portals.delete('');
    const parts = splitStatements(sql);
    if (parts.length === 0) this.#send(encodeBackend({ kind: 'empty-query' }));
    const asked = questionOf(sql);
    const whole = parts.length > 1 && this.#transaction.accepts(parts[0] ?? '') ? this.#match(asked) : undefined;
    if (whole !== undefined && whole.kind !== 'miss') this.#queue = [() => this.#simpleRun(asked, whole)];
    else
      this.#queue = parts.map(
        (part) => () => this.#choose(questionOf(part), (question, match) => this.#simpleRun(question, match)),
      );
    this.#continueQuery();
  }

  #simpleRun(question: Question, match: Exclude<Match, { kind: 'miss' }>): Run {
    const columns = this.#options.matcher.describe(question.sql)?.columns;
    return new Run(question, match, { protocol: 'simple', resultFormats: [], columns });
  }

  /** An error ends the whole query, whatever else stands in it. */
  #continueQuery(): void {
    for (let begin = this.#queue.shift(); begin !== undefined; begin = this.#queue.shift()) {
      const run = begin();
      if (run !== undefined) this.#give(run, 0, true);
      if (run === undefined || run.failed) this.#queue = [];
      if (this.#copying !== undefined || this.#mode === 'hung') return;
    }
    this.#mode = 'serving';
    this.#sync();
  }

  #parse(message: Parse): void {
    const asked = questionOf(message.sql, undefined, message.types);
    if (!this.#transaction.accepts(asked.sql)) return this.#aborted(asked.sql);
    const failure = this.#options.matcher.matchParse(asked, this.#follower);
    if (failure?.kind === 'answer') {
      const run = new Run(asked, failure, { protocol: 'extended', resultFormats: [], columns: undefined });
      return this.#give(run, 0, false);
    }
    this.#statements.set(message.name, message);
    this.#send(encodeBackend({ kind: 'parse-complete' }));
  }

  #bind(bind: Bind): void {
    const parse = this.#statements.get(bind.statement);
    if (parse === undefined)
      return this.#fail(errorResponse('26000', `prepared statement "${bind.statement}" does not exist`), '');
    const columns = this.#options.matcher.describe(questionOf(parse.sql).sql)?.columns;
    const wanted = { protocol: 'extended', resultFormats: bind.resultFormats, columns } as const;
    const run = this.#choose(
      questionOf(parse.sql, bind, parse.types),
      (question, match) => new Run(question, match, wanted),
    );
    if (run === undefined) return;
    if (run.failsToBind) return this.#give(run, 0, false);
    this.#portals.set(bind.portal, { run, bind });
    this.#send(encodeBackend({ kind: 'bind-complete' }));
  }

  #describe({ target, name }: Named): void {
    if (target === 'portal') {
      const portal = this.#portals.get(name);
      if (portal === undefined) return this.#fail(errorResponse('34000', `portal "${name}" does not exist`), '');
      return this.#send(describedColumns(portal.run.columns, portal.bind.resultFormats));
    }
    const parse = this.#statements.get(name);
    if (parse === undefined)
      return this.#fail(errorResponse('26000', `prepared statement "${name}" does not exist`), '');
    const known = this.#options.matcher.describe(questionOf(parse.sql).sql);
    const types = known?.parameterTypes ?? declaredTypes(parse);
    this.#send(encodeBackend({ kind: 'parameter-description', types }), describedColumns(known?.columns, []));
  }

  #execute(name: string, maxRows: number): void {
    const portal = this.#portals.get(name);
    if (portal === undefined) return this.#fail(errorResponse('34000', `portal "${name}" does not exist`), '');
    if (!this.#transaction.accepts(portal.run.question.sql)) return this.#aborted(portal.run.question.sql);
    this.#give(portal.run, maxRows, false);
  }

  #close({ target, name }: Named): void {
    if (target === 'statement') this.#statements.delete(name);
    else this.#portals.delete(name);
    this.#send(encodeBackend({ kind: 'close-complete' }));
  }

  #sync(): void {
    this.#mode = 'serving';
    if (this.#transaction.status === 'I') this.#portals.clear();
    this.#send(encodeBackend({ kind: 'ready', status: this.#transaction.status }));
  }

  #match(asked: Question): Match {
    return asked.sql === '' ? { kind: 'synthesised', tag: '' } : this.#options.matcher.match(asked, this.#follower);
  }

  /** Undefined: there is no answer, and the client was told so. */
  #choose(asked: Question, begin: (asked: Question, match: Exclude<Match, { kind: 'miss' }>) => Run): Run | undefined {
    if (!this.#transaction.accepts(asked.sql)) {
      this.#aborted(asked.sql);
      return undefined;
    }
    const match = this.#match(asked);
    if (match.kind !== 'miss') return begin(asked, match);
    this.#options.answered({ summary: asked.sql, grade: 'missed', explanation: match.explanation });
    this.#fail(missResponse(match.explanation), asked.sql);
    return undefined;
  }

  /** Sends the next part of an answer and does what follows from where it stops. */
  #give(run: Run, maxRows: number, simple: boolean): void {
    const { messages, stop } = run.next(maxRows, this.#transaction);
    this.#send(...messages);
    switch (stop) {
      case 'done':
        return this.#finish(run);
      case 'suspended':
        return this.#send(encodeBackend({ kind: 'portal-suspended' }));
      case 'copy-in':
        this.#copying = { run, simple };
        return undefined;
      case 'unrecorded':
        return this.#miss(run, 'the recording holds no more rows of this portal');
      case 'hangs':
        this.#mode = 'hung';
        return this.#options.answered(run.call('no answer was recorded: the statement hangs, as it did'));
    }
  }

  #finish(run: Run): void {
    this.#options.answered(run.call());
    if (/^(?:DEALLOCATE|DISCARD) ALL$/.test(synthesisedTag(run.question.sql) ?? '')) this.#statements.clear();
    if (run.failed) this.#mode = 'skipping';
    if (run.fatal) this.#actions.push({ kind: 'close' });
  }

  #miss(run: Run, why: string): void {
    const explanation = [`${run.question.sql}: ${why}.`];
    this.#options.answered({ summary: run.question.sql, grade: 'missed', explanation });
    this.#fail(missResponse(explanation), run.question.sql);
  }

  /** Sync and Flush are ignored while the server waits for data. */
  #copy(message: Frontend, { run, simple }: { readonly run: Run; readonly simple: boolean }): void {
    if (message.kind === 'copy-data') run.copied(message.data);
    if (message.kind !== 'copy-done' && message.kind !== 'copy-fail') return;
    this.#copying = undefined;
    if (message.kind === 'copy-fail') {
      this.#options.answered(run.call('the client broke its copy off'));
      this.#fail(errorResponse('57014', `COPY from stdin failed: ${message.reason}`), run.question.sql);
      this.#queue = [];
    } else this.#give(run, 0, simple);
    if (simple) this.#continueQuery();
  }

  #aborted(sql: string): void {
    this.#fail(
      errorResponse('25P02', 'current transaction is aborted, commands ignored until end of transaction block'),
      sql,
    );
  }

  #violation(): void {
    this.#send(errorResponse('08P01', 'loop replay: a message of the client does not follow the protocol'));
    this.#actions.push({ kind: 'close' });
  }

  #fail(error: Uint8Array, sql: string): void {
    this.#send(error);
    this.#transaction.failed(sql);
    this.#mode = 'skipping';
  }

  #send(...messages: readonly Uint8Array[]): void {
    if (this.#actions.at(-1)?.kind === 'close') return;
    for (const bytes of messages) this.#actions.push({ kind: 'send', bytes });
  }
}

/** As many as the statement has placeholders; what the client did not declare is unknown (0). */
function declaredTypes({ sql, types }: Parse): readonly number[] {
  const count = Math.max(0, ...[...sql.matchAll(/\$(\d{1,5})/g)].map(([, number]) => Number(number)));
  return Array.from({ length: Math.max(count, types.length) }, (_, index) => types[index] ?? 0);
}
