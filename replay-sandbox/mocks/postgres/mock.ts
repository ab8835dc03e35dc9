/** Postgres databases, answered from the recording. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock } from '../../../src/domain/clock.ts';
import type { Conversation } from '../../../src/domain/conversation.ts';
import type { Frontend } from '../../../src/wire/postgres/frontend.ts';
import type { Bindings } from '../../match/bindings.ts';
import type { CallLog, ReplayedCall } from '../../match/call.ts';
import type { AskedDisguise } from '../../match/disguise.ts';
import type { CommandAnswer } from '../../match/command.ts';
import type { Order } from '../../match/order.ts';
import type { ConversationMock } from '../conversations.ts';
import type { Dialled, Mock } from '../mock.ts';
import { Turns } from '../turns.ts';
import type { Timers } from '../stream/timers.ts';
import type { Authority } from '../tls/authority.ts';
import type { Silences } from '../tls/silences.ts';
import { Connection } from './connection.ts';
import { Database } from './language/database.ts';
import type { StatementCall } from './run.ts';
import { Passwords } from './language/scram.ts';
import { PostgresServer, type Action } from './server.ts';

export interface PostgresMockOptions {
  /** Recorded commands, in recorded order, of any number of databases: each answers under its recorded name. */
  readonly answers: readonly CommandAnswer[];
  readonly log: CallLog;
  readonly clock: Clock;
  /** By default this process's. */
  readonly timers?: Timers | undefined;
  /** False once the trigger has its answer: later calls cannot have affected it. */
  readonly matters?: () => boolean;
  /** They tell what each server said of itself at start-up. */
  readonly conversations?: readonly Conversation[];
  /** Said of itself by every server, over what was recorded. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** With it clients may encrypt; without it they are told that the server does not. */
  readonly authority?: Pick<Authority, 'contextFor'> | undefined;
  /** Told of a client that did not believe the sandbox's certificate, and how that was seen. */
  readonly untrusted?: ((peer: Dialled, how: string) => void) | undefined;
  readonly silences?: Silences | undefined;
  /** What the service may have for a password; with any, clients are asked for it by SCRAM-SHA-256. */
  readonly passwords?: readonly string[];
  /** What the service makes anew; one for all peers of a replay. */
  readonly bindings?: Bindings | undefined;
  /** Holds answers until it is their turn. */
  readonly order?: Order | undefined;
  /** Of a recording without originals. */
  readonly disguise?: AskedDisguise | undefined;
}

export const postgresMock: ConversationMock = {
  protocol: 'postgres',
  port: 5432,
  clientFirst: false,
  create: createPostgresMock,
};

export function createPostgresMock(options: PostgresMockOptions): Mock {
  const databases = new Map<string, Database>();
  const database = (name: string): Database => {
    const known = databases.get(name) ?? new Database(name, options);
    databases.set(name, known);
    return known;
  };
  const { passwords = [] } = options;
  const shared = passwords.length > 0 ? new Passwords(passwords, randomBytes(16)) : undefined;
  return {
    protocol: 'postgres',
    serve: (socket, dialled) => serve(socket, dialled, database(dialled.name), options, shared),
    unused() {
      const names = new Set(options.answers.map(({ command }) => command.peer.name));
      return [...names].flatMap((name) => database(name).unused());
    },
    unasked() {
      const names = new Set(options.answers.map(({ command }) => command.peer.name));
      return [...names].flatMap((name) => database(name).unasked());
    },
  };
}

function serve(
  socket: Socket,
  dialled: Dialled,
  database: Database,
  options: PostgresMockOptions,
  passwords: Passwords | undefined,
): void {
  let since = options.clock.now();
  const member = database.join((actions) => connection.wake(actions));
  const server = new PostgresServer({
    ...member.options,
    encrypts: options.authority !== undefined,
    passwords: database.strange ? undefined : passwords,
    nonce: () => randomBytes(18).toString('base64'),
    secret: randomBytes(4),
    answered: (call) => turns.answered(loggedCall(call, dialled, since, options)),
  });
  const turns = new Turns<Action>(options, (actions) => connection.wake(actions));
  member.serve(server);
  const disguised =
    options.disguise?.postgres((sql) => database.parameterTypes(sql)) ?? ((message: Frontend) => message);
  const { authority } = options;
  const connection = new Connection(socket, {
    server: {
      get waiting() {
        return turns.waiting || server.waiting;
      },
      handle: (message) => turns.take(() => server.handle(message && disguised(message))),
      encrypted: (binding) => server.encrypted(binding),
    },
    arrived: () => (since = options.clock.now()),
    closed: () => member.leave(),
    untrusted: (how) => options.untrusted?.(dialled, how),
    silences: options.silences,
    secureContextOf:
      authority &&
      ((name) =>
        name === undefined ? authority.contextFor(dialled.name, dialled.address) : authority.contextFor(name)),
  });
}

function loggedCall(
  { explanation, ...call }: StatementCall,
  dialled: Dialled,
  askedAt: number,
  options: PostgresMockOptions,
): ReplayedCall {
  return {
    protocol: 'postgres',
    peer: `${dialled.name}:${dialled.port}`,
    ...call,
    askedAt,
    ms: options.clock.now() - askedAt,
    ...(explanation.length > 0 && { explanation }),
    matters: options.matters?.() ?? true,
  };
}
