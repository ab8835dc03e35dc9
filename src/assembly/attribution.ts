/** Which commands belong to the transaction, and to which of its inbound exchanges. */
import type { Attribution, Command } from '../domain/conversation.ts';
import type { Exchange } from '../domain/exchange.ts';
import type { AttributedCommand } from '../domain/transaction.ts';
import { OUT_OF_ORDER_MS } from '../domain/out-of-order.ts';
import type { Note } from './flow/note.ts';

/** Calls of one Envoy reach the sink over several connections: a command that does not say whose it is may seem to come so much before its request. Milliseconds. */
const SLACK = 5;

/**
 * Commands outside every inbound exchange of their instance belong to somebody else and are left out, and so are those that `notes` place
 * under an exchange that is not here.
 */
export function attributeCommands(
  commands: readonly Command[],
  exchanges: readonly Exchange[],
  notes: readonly Note[] = [],
): readonly AttributedCommand[] {
  const inbound = exchanges.filter((exchange) => exchange.vantage.direction === 'inbound');
  const placed = new Map(notes.flatMap((note) => (note.at === undefined ? [] : [[`${note.stream} ${note.at}`, note]])));
  return commands
    .flatMap((command) => {
      const exchange = servingExchange(command, inbound);
      const attribution = exchange && attributionOf(command, exchange);
      if (exchange === undefined || attribution === undefined) return [];
      const note = placed.get(`${command.conversation} ${command.startedAt}`);
      return attribution !== 'candidate' || note === undefined
        ? [{ command, exchange: exchange.id, attribution }]
        : placedCandidate(command, note, inbound);
    })
    .toSorted((one, other) => one.command.startedAt - other.command.startedAt);
}

function placedCandidate(command: Command, note: Note, inbound: readonly Exchange[]): readonly AttributedCommand[] {
  if (!inbound.some(({ id }) => id === note.parent)) return [];
  const flow = { certainty: note.certainty, evidence: note.evidence };
  return [{ command, exchange: note.parent, attribution: 'candidate', flow }];
}

/** The one that was open then; the slack is larger for what says itself whose it is. */
function servingExchange(command: Command, inbound: readonly Exchange[]): Exchange | undefined {
  const owner = inbound.find((exchange) => exchange.id === command.owner);
  if (owner !== undefined) return owner;
  const traceId = carriedTrace(command);
  const near = inbound.filter(
    ({ vantage: { service, instance } }) =>
      service === command.vantage.service && instance === command.vantage.instance,
  );
  return (
    near.findLast((exchange) => wasOpen(exchange, command.startedAt, SLACK)) ??
    near.findLast(
      (exchange) =>
        traceId !== undefined &&
        exchange.trace?.traceId === traceId &&
        wasOpen(exchange, command.startedAt, OUT_OF_ORDER_MS),
    )
  );
}

function wasOpen({ startedAt, endedAt }: Exchange, at: number, slack: number): boolean {
  return startedAt - slack <= at && at <= endedAt + slack;
}

/** `traceparent` inside an SQL comment, as sqlcommenter writes it. */
const TRACEPARENT = /00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

function carriedTrace({ request }: Command): string | undefined {
  return request
    .map((bytes) => TRACEPARENT.exec(Buffer.from(bytes).toString('latin1'))?.[1])
    .find((traceId) => traceId !== undefined);
}

/** Undefined when the command says itself, or its owner says, that it belongs to another transaction. */
function attributionOf(command: Command, exchange: Exchange): Attribution | undefined {
  const carried = carriedTrace(command);
  if (carried !== undefined && exchange.trace !== undefined)
    return carried === exchange.trace.traceId ? 'propagated' : undefined;
  if (command.owner !== undefined) return command.owner === exchange.id ? 'exclusive' : undefined;
  return 'candidate';
}
