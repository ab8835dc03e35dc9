/** Redis servers, answered from the recording. */
import type { Clock } from '../../../src/domain/clock.ts';
import type { Command, Conversation } from '../../../src/domain/conversation.ts';
import { recordedParameters } from '../../../src/wire/redis/startup.ts';
import type { CallLog, ReplayedCall } from '../../match/call.ts';
import { Bindings } from '../../match/bindings.ts';
import type { Awaited, Order } from '../../match/order.ts';
import type { CommandAnswer } from '../../match/command.ts';
import type { AskedDisguise } from '../../match/disguise.ts';
import { CommandMatcher } from '../../match/redis/matcher.ts';
import type { ConversationMock } from '../conversations.ts';
import type { Dialled, Mock } from '../mock.ts';
import { Turns } from '../turns.ts';
import { clusterNodes } from './language/cluster.ts';
import { Connection, type Answering } from './connection.ts';
import type { Timers } from '../stream/timers.ts';
import { processTimers } from '../stream/timers.ts';
import { Playback } from './playback.ts';
import type { CommandCall } from './run.ts';
import { RedisServer, type Action } from './server.ts';

export interface RedisMockOptions {
  /** Recorded commands, in recorded order, of any number of servers: each answers under its recorded name. */
  readonly answers: readonly CommandAnswer[];
  readonly log: CallLog;
  readonly clock: Clock;
  /** By default this process's. */
  readonly timers?: Timers | undefined;
  /** False once the trigger has its answer: later calls cannot have affected it. */
  readonly matters?: () => boolean;
  /** They tell what each server said of itself, and the database a connection had selected before. */
  readonly conversations?: readonly Conversation[];
  /** What the service makes anew; one for all peers of a replay. */
  readonly bindings?: Bindings | undefined;
  /** Holds answers until it is their turn. */
  readonly order?: Order | undefined;
  /** Of a recording without originals. */
  readonly disguise?: AskedDisguise | undefined;
}

/** What is shared by all connections to one recorded server: repeats are counted over all of them. */
interface Shared {
  readonly matcher: CommandMatcher;
  readonly playback: Playback;
  readonly parameters: ReadonlyMap<string, string>;
}

export const redisMock: ConversationMock = {
  protocol: 'redis',
  port: 6379,
  clientFirst: true,
  create: createRedisMock,
};

export function createRedisMock(options: RedisMockOptions): Mock {
  const shared = new Map<string, Shared>();
  const serverOf = (name: string): Shared => {
    const known = shared.get(name) ?? openServer(name, options);
    shared.set(name, known);
    return known;
  };
  const nodes = clusterNodes(options.answers, options.conversations ?? []);
  let connections = 0;
  return {
    protocol: 'redis',
    serve(socket, dialled) {
      let since = options.clock.now();
      const server = new RedisServer({
        ...serverOf(dialled.name),
        id: ++connections,
        nodes,
        answered: (call) => turns.answered(loggedCall(call, dialled, since, options)),
        perform: (actions) => connection.perform(actions),
        after: (ms, run) => (options.timers ?? processTimers).after(ms, run),
      });
      const turns = new Turns<Action>(options, (actions) => connection.perform(actions));
      const connection = new Connection(
        socket,
        inTurn(disguised(server, options.disguise), turns),
        () => (since = options.clock.now()),
      );
    },
    unused: () =>
      [...new Set(options.answers.map(({ command }) => command.peer.name))].flatMap((name) =>
        unusedOf(serverOf(name)).map(({ summary }) => `${summary} at ${name}`),
      ),
    unasked: () =>
      [...new Set(options.answers.map(({ command }) => command.peer.name))].flatMap((name) =>
        unusedOf(serverOf(name)).map((command) => awaited(command, name)),
      ),
  };
}

/** A transaction is as many lines as it has commands. */
function unusedOf({ matcher }: Shared): readonly Command[] {
  return matcher
    .unused()
    .flatMap(({ inside, command, kind }) => (kind === 'transaction' ? inside.map((one) => one.command) : [command]));
}

function awaited({ id, summary, startedAt, endedAt }: Command, name: string): Awaited {
  return { id, line: `${summary} at ${name}`, startedAt, endedAt };
}

/** What is answered is given when it is its turn. */
function inTurn(server: Answering, turns: Turns<Action>): Answering {
  return {
    handle: (message) => turns.take(() => server.handle(message)),
    get blocked() {
      return turns.waiting || server.blocked;
    },
    closed: () => server.closed(),
  };
}

/** What the client asks, as a recording without originals has it. */
function disguised(server: RedisServer, disguise: AskedDisguise | undefined): Answering {
  if (disguise === undefined) return server;
  return {
    handle: (message) => server.handle(message && disguise.redis(message)),
    get blocked() {
      return server.blocked;
    },
    closed: () => server.closed(),
  };
}

function openServer(name: string, options: RedisMockOptions): Shared {
  const answers = options.answers.filter(({ command }) => command.peer.name === name);
  const conversations = (options.conversations ?? []).filter(
    ({ peer, protocol }) => peer.name === name && protocol === 'redis',
  );
  const parameters = conversations.map(recordedParameters).find(({ size }) => size > 0) ?? new Map<string, string>();
  const bindings = options.bindings ?? new Bindings();
  const playback = new Playback(answers, (bytes) => bindings.replaced(bytes));
  const matcher = new CommandMatcher(answers, conversations, {
    peer: name,
    now: () => options.clock.now(),
    bindings,
    served: ({ command, inside }) =>
      [command, ...inside.map((one) => one.command)].forEach(({ id }) => playback.served(id)),
  });
  return { matcher, playback, parameters };
}

function loggedCall(
  { explanation, ...call }: CommandCall,
  dialled: Dialled,
  askedAt: number,
  options: RedisMockOptions,
): ReplayedCall {
  return {
    protocol: 'redis',
    peer: `${dialled.name}:${dialled.port}`,
    ...call,
    askedAt,
    ms: options.clock.now() - askedAt,
    ...(explanation.length > 0 && { explanation }),
    matters: options.matters?.() ?? true,
  };
}
