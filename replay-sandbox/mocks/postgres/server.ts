/**
 * A Postgres server that knows nothing but recorded answers: messages in, actions out. It prepares anything, chooses the answer when a
 * statement is bound (when its values are known) and gives it out when it is executed.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html
 */
import { encodeBackend } from '../../../src/wire/postgres/backend.ts';
import { identifier, splitStatements } from '../../../src/wire/postgres/language/sql.ts';
import type { Frontend } from '../../../src/wire/postgres/frontend.ts';
import type { StatementMatcher } from '../../match/postgres/matcher.ts';
import { Desk, type Sent } from './language/desk.ts';
import { ExtendedQueries } from './language/extended.ts';
import { errorResponse } from './handshake.ts';
import { Login, type LoginOptions } from './language/login.ts';
import { Settings } from './language/settings.ts';
import { Subscriptions } from './language/subscriptions.ts';
import type { Run, StatementCall } from './run.ts';
import { SimpleQueries } from './language/simple.ts';

export interface ServerOptions extends LoginOptions {
  readonly matcher: StatementMatcher;
  /** Told of every statement as soon as its answer is complete, or it is known that it never will be. */
  readonly answered: (call: StatementCall) => void;
  /** A recorded command has been given out. */
  readonly served?: (command: string) => void;
  /** A statement waits to be cancelled; `ms` is how long it took to be in the recording. */
  readonly held?: (ms: number) => void;
  /** Another connection is to be cancelled. */
  readonly cancel?: (process: number, secret: Uint8Array) => void;
}

/** `encrypt`: what follows is TLS. */
export type Action = Sent | { readonly kind: 'encrypt' };

export interface Notification {
  readonly process: number;
  readonly channel: string;
  readonly payload: string;
}

export class PostgresServer {
  readonly #options: ServerOptions;
  readonly #login: Login;
  readonly #desk: Desk;
  readonly #simple: SimpleQueries;
  readonly #extended: ExtendedQueries;
  readonly #subscriptions = new Subscriptions();
  readonly #settings = new Settings();
  #welcomed = false;

  constructor(options: ServerOptions) {
    const { matcher, answered, held } = options;
    this.#options = options;
    this.#login = new Login(options);
    this.#desk = new Desk({
      matcher,
      answered,
      finished: (run) => this.#finished(run),
      settled: () => this.#extended.settled(),
      reported: (status, failed) => this.#settings.report(status, failed),
      ...(held && { held }),
    });
    this.#simple = new SimpleQueries(this.#desk);
    this.#extended = new ExtendedQueries(this.#desk);
  }

  /** The client's next message must wait: for a cancel, or for ever. */
  get waiting(): boolean {
    return this.#desk.waiting;
  }

  /** Undefined stands for a message that does not follow its grammar. */
  handle(message: Frontend | undefined): readonly Action[] {
    if (message === undefined) this.#violation();
    else if (message.kind === 'terminate') this.#desk.close();
    else if (message.kind === 'cancel') this.#passCancel(message.process, message.secret);
    else if (!this.#welcomed) return this.#admit(message);
    else if (this.#desk.waiting) return [];
    else if (this.#desk.copying) this.#desk.copy(message);
    else if (!this.#desk.skipping || message.kind === 'sync') this.#serve(message);
    return this.#desk.take();
  }

  /** `binding`: the hash of the certificate shown to the client. */
  encrypted(binding: Uint8Array | undefined): void {
    this.#login.encrypted(binding);
  }

  /** By a CancelRequest, on a connection of its own. */
  cancel(): readonly Action[] {
    this.#desk.cancel();
    return this.#desk.take();
  }

  /** Nobody cancelled what waits for it. */
  release(): readonly Action[] {
    this.#desk.release();
    return this.#desk.take();
  }

  /** Empty for a connection that does not listen, or is not idle: it hears of it as soon as it is. */
  notify(notification: Notification): readonly Action[] {
    this.queue(notification);
    return this.#desk.take();
  }

  /** To be sent with what the statement under way is answered. */
  queue({ process, channel, payload }: Notification): void {
    if (!this.#welcomed || !this.#subscriptions.has(channel)) return;
    this.#desk.aside(encodeBackend({ kind: 'notification', process, channel, payload }));
  }

  hasSecret(secret: Uint8Array): boolean {
    return Buffer.from(this.#options.secret).equals(secret);
  }

  #admit(message: Frontend): readonly Action[] {
    const step = this.#login.handle(message);
    if (step === undefined) return [];
    this.#welcomed = step.next === 'welcome';
    if (this.#welcomed) this.#settings.begin(this.#login.told);
    const sent = step.messages.map((bytes) => ({ kind: 'send', bytes }) as const);
    return step.next === 'close' || step.next === 'encrypt' ? [...sent, { kind: step.next }] : sent;
  }

  #passCancel(process: number, secret: Uint8Array): void {
    this.#options.cancel?.(process, secret);
    this.#desk.close();
  }

  #serve(message: Frontend): void {
    this.#desk.busy();
    switch (message.kind) {
      case 'query':
        this.#extended.forgetUnnamed();
        return this.#simple.query(message.sql);
      case 'parse':
        return this.#extended.parse(message);
      case 'bind':
        return this.#extended.bind(message);
      case 'describe':
        return this.#extended.describe(message);
      case 'execute':
        return this.#extended.execute(message.portal, message.maxRows);
      case 'close':
        return this.#extended.close(message);
      case 'sync':
        return this.#desk.ready();
      case 'function-call':
        this.#desk.fail(errorResponse('0A000', 'loop replay: function calls of the old kind are not replayed'), '');
        return this.#desk.ready();
      // Flush: everything is sent at once. The others mean nothing here, as in Postgres.
      case 'flush':
      case 'password':
      case 'copy-data':
      case 'copy-done':
      case 'copy-fail':
      case 'startup':
      case 'ssl':
      case 'gss':
      case 'terminate':
      case 'cancel':
        return undefined;
    }
  }

  #finished(run: Run): void {
    const statements = run.failed ? [] : splitStatements(run.question.sql);
    for (const [at, sql] of statements.entries()) {
      this.#noticeSession(sql);
      this.#settings.notice(sql, at === statements.length - 1 ? run.reported : []);
    }
    if (run.command !== undefined) this.#options.served?.(run.command);
  }

  /** Statements that change what the connection holds. */
  #noticeSession(sql: string): void {
    this.#subscriptions.notice(sql);
    if (/^DISCARD ALL\b/i.test(sql)) this.#extended.deallocate(undefined);
    const [, name] = /^DEALLOCATE (?:PREPARE )?(.+)$/i.exec(sql) ?? [];
    if (name !== undefined) this.#extended.deallocate(/^ALL$/i.test(name) ? undefined : identifier(name));
  }

  #violation(): void {
    this.#desk.send(errorResponse('08P01', 'loop replay: a message of the client does not follow the protocol'));
    this.#desk.close();
  }
}
