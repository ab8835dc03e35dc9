/** Postgres databases, answered from the recording. */
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../../src/domain/clock.ts';
import type { Conversation } from '../../../src/domain/conversation.ts';
import type { Frontend } from '../../../src/wire/postgres/frontend.ts';
import { normaliseSql } from '../../../src/wire/postgres/language/sql.ts';
import { recordedParameters } from '../../../src/wire/postgres/startup.ts';
import type { CallLog, ReplayedCall } from '../../match/call.ts';
import type { AskedDisguise } from '../../match/disguise.ts';
import { StatementMatcher } from '../../match/postgres/matcher.ts';
import type { CommandAnswer } from '../../match/command.ts';
import type { ConversationMock } from '../conversations.ts';
import type { Dialled, Mock } from '../mock.ts';
import { Connection } from './connection.ts';
import type { StatementCall } from './run.ts';
import { PostgresServer } from './server.ts';

export interface PostgresMockOptions {
  /** Recorded commands, in recorded order, of any number of databases: each answers under its recorded name. */
  readonly answers: readonly CommandAnswer[];
  readonly log: CallLog;
  readonly clock: Clock;
  /** False once the trigger has its answer: later calls cannot have affected it. */
  readonly matters?: () => boolean;
  /** They tell what each server said of itself at start-up. */
  readonly conversations?: readonly Conversation[];
  /** Said of itself by every server, over what was recorded. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** With it clients may encrypt; without it they are told that the server does not. */
  readonly secureContext?: SecureContext;
  /** Of a recording without originals. */
  readonly disguise?: AskedDisguise | undefined;
}

/** What is shared by all connections to one recorded database: repeats are counted over all of them. */
interface Database {
  readonly matcher: StatementMatcher;
  readonly parameters: ReadonlyMap<string, string>;
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
    const known = databases.get(name) ?? openDatabase(name, options);
    databases.set(name, known);
    return known;
  };
  let process = 0;
  return {
    protocol: 'postgres',
    serve(socket, dialled) {
      let since = options.clock.now();
      const { matcher, parameters } = database(dialled.name);
      const server = new PostgresServer({
        matcher,
        parameters,
        process: ++process,
        encrypts: options.secureContext !== undefined,
        answered: (call) => options.log.add(loggedCall(call, dialled, options.clock.now() - since, options)),
      });
      const typesOf = (sql: string) => matcher.describe(normaliseSql(sql))?.parameterTypes;
      const disguised = options.disguise?.postgres(typesOf) ?? ((message: Frontend) => message);
      const handle = (message: Frontend | undefined) => server.handle(message && disguised(message));
      new Connection(socket, handle, () => (since = options.clock.now()), options.secureContext);
    },
    unused() {
      const names = new Set(options.answers.map(({ command }) => command.peer.name));
      return [...names].flatMap((name) =>
        database(name)
          .matcher.unused()
          .map(({ command }) => `${command.summary} at ${name}`),
      );
    },
  };
}

function openDatabase(name: string, options: PostgresMockOptions): Database {
  const answers = options.answers.filter(({ command }) => command.peer.name === name);
  const conversations = (options.conversations ?? []).filter(
    ({ peer, protocol }) => peer.name === name && protocol === 'postgres',
  );
  const recorded = conversations.map(recordedParameters).find((parameters) => parameters.size > 0);
  return {
    matcher: new StatementMatcher(answers, name, () => options.clock.now()),
    parameters: new Map([...(recorded ?? []), ...Object.entries(options.parameters ?? {})]),
  };
}

function loggedCall(
  { explanation, ...call }: StatementCall,
  dialled: Dialled,
  ms: number,
  options: PostgresMockOptions,
): ReplayedCall {
  return {
    protocol: 'postgres',
    peer: `${dialled.name}:${dialled.port}`,
    ...call,
    ms,
    ...(explanation.length > 0 && { explanation }),
    matters: options.matters?.() ?? true,
  };
}
