/** Pure changes of a plan that concern all answers of one peer. Ambient answers stay: without them many services do not even start. */
import type { Command } from '../../src/domain/conversation.ts';
import type { Exchange } from '../../src/domain/exchange.ts';
import { header } from '../../src/domain/exchange.ts';
import { isGrpc } from '../../src/domain/grpc.ts';
import type { HttpAnswer } from '../match/http/candidate.ts';
import type { CommandAnswer } from '../match/command.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import { errorReply } from './error-reply.ts';

export interface PeerOf {
  readonly protocol: string;
  readonly name: string;
  /** How it fails, for people. */
  readonly failure: string;
}

const FAILURES: Readonly<Record<string, string>> = {
  grpc: 'answers UNAVAILABLE',
  http: 'answers 503',
  postgres: 'answers 58030 io_error',
  redis: 'answers -ERR',
};

export function peersOf({ http, commands }: ReplayPlan): readonly PeerOf[] {
  const calls = http
    .filter(isOwn)
    .map(({ exchange }) => ({ protocol: protocolOf(exchange), name: exchange.peer.name }));
  const asked = commands.filter(isOwn).map(({ command }) => ({ protocol: command.protocol, name: command.peer.name }));
  const all = new Map([...calls, ...asked].map((peer) => [`${peer.protocol} ${peer.name}`, peer]));
  return [...all.values()].map((peer) => ({ ...peer, failure: FAILURES[peer.protocol] ?? 'fails' }));
}

export function slow(plan: ReplayPlan, peer: PeerOf, ms: number): ReplayPlan {
  return changed(
    plan,
    peer,
    (answer) => ({ ...answer, delayMs: ms }),
    (answer) => ({ ...answer, delayMs: ms }),
  );
}

export function failed(plan: ReplayPlan, peer: PeerOf): ReplayPlan {
  return changed(
    plan,
    peer,
    (answer) => ({ ...answer, exchange: unavailable(answer.exchange) }),
    (answer) => ({ ...answer, command: { ...answer.command, ...errorReply(answer.command) } }),
  );
}

/** The connection breaks in the middle of the answer. */
export function reset(plan: ReplayPlan, peer: PeerOf): ReplayPlan {
  const cut = (exchange: Exchange): Exchange =>
    exchange.response === undefined
      ? exchange
      : { ...exchange, response: { ...exchange.response, body: [], trailers: [], complete: false } };
  return changed(
    plan,
    peer,
    (answer) => ({ ...answer, exchange: cut(answer.exchange) }),
    (answer) => answer,
  );
}

/** Everything once more, behind the first time: what a second request of the same kind would be answered, if nothing had changed. */
export function twice(plan: ReplayPlan): ReplayPlan {
  return {
    ...plan,
    http: [...plan.http, ...plan.http.filter(isOwn)],
    commands: [...plan.commands, ...plan.commands.filter(isOwn)],
  };
}

function changed(
  plan: ReplayPlan,
  { protocol, name }: PeerOf,
  http: (answer: HttpAnswer) => HttpAnswer,
  command: (answer: CommandAnswer) => CommandAnswer,
): ReplayPlan {
  const isHttp = (answer: HttpAnswer) =>
    isOwn(answer) && answer.exchange.peer.name === name && protocolOf(answer.exchange) === protocol;
  const isCommand = (answer: CommandAnswer) =>
    answer.source !== 'ambient' && nameAndProtocol(answer.command, name, protocol);
  return {
    ...plan,
    http: plan.http.map((answer) => (isHttp(answer) ? http(answer) : answer)),
    commands: plan.commands.map((answer) => (isCommand(answer) ? command(answer) : answer)),
  };
}

function nameAndProtocol(command: Command, name: string, protocol: string): boolean {
  return command.peer.name === name && command.protocol === protocol;
}

function isOwn({ source }: Pick<HttpAnswer, 'source'>): boolean {
  return source !== 'ambient';
}

function protocolOf({ request }: Exchange): 'grpc' | 'http' {
  return isGrpc(request && header(request.headers, 'content-type')) ? 'grpc' : 'http';
}

function unavailable(exchange: Exchange): Exchange {
  const at = exchange.response?.startedAt ?? exchange.startedAt;
  const grpc = protocolOf(exchange) === 'grpc';
  const said = grpc
    ? {
        ':status': '200',
        'content-type': 'application/grpc',
        'grpc-status': '14',
        'grpc-message': 'made up by loopctl',
      }
    : { ':status': '503', 'content-type': 'text/plain' };
  return {
    ...exchange,
    response: {
      headers: Object.entries(said).map(([name, value]) => ({ name, value })),
      body: grpc ? [] : [{ at, bytes: Buffer.from('made up by loopctl: unavailable\n') }],
      trailers: [],
      startedAt: at,
      endedAt: at,
      complete: true,
    },
  };
}
