/** What a replay will do: which service, which request is sent again, and what answers its calls. Pure. */
import type { Conversation } from '../../src/domain/conversation.ts';
import type { Exchange } from '../../src/domain/exchange.ts';
import type { StreamId, TransactionKey } from '../../src/domain/ids.ts';
import type { Transaction } from '../../src/domain/transaction.ts';
import { exchangeById } from '../../src/domain/transaction.ts';
import type { FailedExchange } from '../../src/domain/verdict.ts';
import { triggerOf } from '../../src/verdict/origin.ts';
import { conversationProtocol } from '../../src/wire/protocols.ts';
import { ReplayError } from '../error.ts';
import type { AnswerSource } from '../match/call.ts';
import type { AskedDisguise } from '../match/disguise.ts';
import type { HttpAnswer } from '../match/http/candidate.ts';
import type { CommandAnswer } from '../match/command.ts';

export interface ReplayPlan {
  readonly service: string;
  /** The inbound exchange that is sent again. */
  readonly trigger: Exchange;
  /** Other inbound exchanges of the service in the transaction: the choice is named, never silent. */
  readonly alternatives: readonly Exchange[];
  readonly http: readonly HttpAnswer[];
  readonly commands: readonly CommandAnswer[];
  /** Conversations of the service, for their parameters and for peers that were dialled without a command. */
  readonly conversations: readonly Conversation[];
  /** Of the loop itself, when its originals were not kept. */
  readonly disguise?: AskedDisguise | undefined;
}

/** The recording as opened: the transaction, and what serves it. */
export interface Recording {
  readonly transaction: Transaction;
  readonly origin?: FailedExchange;
  readonly ambient: readonly Transaction[];
  readonly exemplars: readonly Transaction[];
  /** By transaction, of those whose originals were not kept. */
  readonly disguises?: ReadonlyMap<TransactionKey, AskedDisguise>;
}

export interface PlanRequest {
  /** Which service; by default the origin's. */
  readonly service?: string;
}

/** Throws ReplayError `no-trigger`, naming what could be replayed instead. */
export function planReplay(recording: Recording, request: PlanRequest): ReplayPlan {
  const trigger = chooseTrigger(recording, request.service);
  return planOf(recording, trigger, [trigger]);
}

/** `within`: requests to the service, the trigger among them, whose calls are the loop's own. */
export function planOf(recording: Recording, trigger: Exchange, within: readonly Exchange[]): ReplayPlan {
  const service = trigger.vantage.service;
  const { transaction } = recording;
  const own = new Set(within.map(({ id }) => id));
  return {
    service,
    trigger,
    alternatives: transaction.exchanges.filter((exchange) => !own.has(exchange.id) && isInboundOf(exchange, service)),
    http: [
      ...httpAnswers(recording, transaction, service, (exchange) => sourceOf(transaction, exchange.id, own)),
      ...recording.ambient.flatMap((other) => httpAnswers(recording, other, service, () => 'ambient')),
      ...recording.exemplars.flatMap((other) => httpAnswers(recording, other, service, () => 'exemplar')),
    ],
    commands: [
      ...commandAnswers(transaction, service, own),
      ...recording.ambient.flatMap((other) => prologueCommands(other, service)),
      ...recording.exemplars.flatMap((other) =>
        ownCommands(other, service).map(({ command }) => ({ command, source: 'exemplar' as const })),
      ),
    ],
    conversations: [transaction, ...recording.ambient].flatMap((other) =>
      other.conversations.filter((conversation) => conversation.vantage.service === service),
    ),
    disguise: recording.disguises?.get(transaction.key),
  };
}

function chooseTrigger(recording: Recording, service: string | undefined): Exchange {
  const { transaction, origin } = recording;
  const suggested = origin && triggerOf(transaction, origin);
  const inbound = transaction.exchanges.filter((exchange) => exchange.vantage.direction === 'inbound');
  const chosen =
    service === undefined
      ? (suggested ?? exchangeById(transaction, transaction.entry))
      : preferred(inbound, service, suggested);
  if (chosen?.vantage.direction === 'inbound' && chosen.request !== undefined) return chosen;
  const names = [...new Set(inbound.map((exchange) => exchange.vantage.service))];
  const wanted = service === undefined ? 'the origin' : `a request to "${service}"`;
  throw new ReplayError(
    'no-trigger',
    `The recording holds no request that can be sent again for ${wanted}.`,
    names.length === 0 ? 'It holds no inbound exchange at all.' : `--service ${names.join(' or --service ')}`,
  );
}

/** The suggested one when it is of that service, else the service's own failure, else its first request. */
function preferred(
  inbound: readonly Exchange[],
  service: string,
  suggested: Exchange | undefined,
): Exchange | undefined {
  if (suggested?.vantage.service === service) return suggested;
  return inbound.find((exchange) => exchange.vantage.service === service);
}

function isInboundOf(exchange: Exchange, service: string): boolean {
  return exchange.vantage.service === service && exchange.vantage.direction === 'inbound';
}

/** A call that was only found to belong here by what flows may be another request's: it is offered last, and never graded exact. */
function sourceOf(transaction: Transaction, exchange: StreamId, within: ReadonlySet<StreamId>): AnswerSource {
  const parents = new Map(transaction.links.map((link) => [link.child, link]));
  let flows = false;
  for (let at = parents.get(exchange); at !== undefined; at = parents.get(at.parent)) {
    flows ||= at.flow !== undefined;
    if (within.has(at.parent)) return flows ? 'candidate' : 'loop';
  }
  return 'elsewhere';
}

function httpAnswers(
  { disguises }: Recording,
  transaction: Transaction,
  service: string,
  source: (exchange: Exchange) => AnswerSource,
): readonly HttpAnswer[] {
  return transaction.exchanges
    .filter(
      (exchange) =>
        exchange.vantage.service === service &&
        exchange.vantage.direction === 'outbound' &&
        exchange.request !== undefined,
    )
    .map((exchange) => ({ exchange, source: source(exchange), disguise: disguises?.get(transaction.key) }));
}

function ownCommands(transaction: Transaction, service: string): Transaction['commands'] {
  return transaction.commands.filter(({ command }) => command.vantage.service === service);
}

/** What new connections asked while no request was open: start-up traffic belongs to no exchange, so no transaction placed it. */
function prologueCommands({ conversations }: Transaction, service: string): readonly CommandAnswer[] {
  return conversations
    .filter(({ vantage }) => vantage.service === service)
    .flatMap((conversation) => conversationProtocol(conversation.protocol)?.decodeCommands(conversation) ?? [])
    .map((command) => ({ command, source: 'ambient' as const }));
}

function commandAnswers(
  transaction: Transaction,
  service: string,
  within: ReadonlySet<StreamId>,
): readonly CommandAnswer[] {
  return ownCommands(transaction, service).map(({ command, exchange, attribution }) => {
    if (attribution === 'candidate') return { command, source: 'candidate' as const };
    return { command, source: within.has(exchange) ? ('loop' as const) : ('elsewhere' as const) };
  });
}
