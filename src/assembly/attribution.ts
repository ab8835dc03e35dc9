/** Which commands belong to the transaction, and to which of its inbound exchanges. */
import type { Attribution, Command } from '../domain/conversation.ts';
import type { Exchange } from '../domain/exchange.ts';
import type { AttributedCommand } from '../domain/transaction.ts';

/** Calls of one Envoy reach the sink over several connections: a query may seem to begin this many ms before its request. */
const SLACK = 5;

/** Commands outside every inbound exchange of their instance belong to somebody else and are left out. */
export function attributeCommands(commands: readonly Command[], exchanges: readonly Exchange[], traceId: string | undefined): readonly AttributedCommand[] {
  const inbound = exchanges.filter((exchange) => exchange.vantage.direction === 'inbound');
  return commands
    .flatMap((command) => {
      const exchange = servingExchange(command, inbound);
      return exchange === undefined ? [] : [{ command, exchange: exchange.id, attribution: attributionOf(command, traceId) }];
    })
    .toSorted((one, other) => one.command.startedAt - other.command.startedAt);
}

function servingExchange(command: Command, inbound: readonly Exchange[]): Exchange | undefined {
  return inbound
    .filter(
      (exchange) =>
        exchange.vantage.service === command.vantage.service &&
        exchange.vantage.instance === command.vantage.instance &&
        exchange.startedAt - SLACK <= command.startedAt &&
        command.startedAt <= exchange.endedAt + SLACK,
    )
    .at(-1);
}

function attributionOf(command: Command, traceId: string | undefined): Attribution {
  if (traceId !== undefined && command.summary.includes(traceId)) return 'propagated';
  return command.openInbound <= 1 ? 'exclusive' : 'candidate';
}
