/** Holds what was recorded against what the services of the shop say themselves, entry by entry. */
import type { LedgerEntry } from '../../examples/shop/run/ledger.ts';
import type { Exchange } from '../../src/domain/exchange.ts';
import { methodOf, pathOf, statusOf } from '../../src/domain/exchange.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import type { Transaction } from '../../src/domain/transaction.ts';
import { exchangeById } from '../../src/domain/transaction.ts';
import { capturedView } from './exchanges/view.ts';

/** How Postgres names what the bug of the shop makes it refuse. */
const BUG = { error: 'invalid input syntax for type integer: "NaN"', sqlstate: '22P02' };

/** Entries by trace, of the traces in which anything failed. */
export function failedTraces(ledger: readonly LedgerEntry[]): ReadonlyMap<string, readonly LedgerEntry[]> {
  const traces = Map.groupBy(ledger, (entry) => entry.traceId);
  return new Map([...traces].filter(([, entries]) => entries.some((entry) => entry.status >= 500)));
}

/** A line for each failed trace without exactly one loop, and for each loop without a failed trace. */
export function unmatched(ledger: readonly LedgerEntry[], loops: readonly LoopSummary[]): readonly string[] {
  const failed = failedTraces(ledger);
  const byTrace = Map.groupBy(loops, (loop) => loop.transaction.replace('trace:', ''));
  const wrong = [...failed.keys()].flatMap((trace) => {
    const count = byTrace.get(trace)?.length ?? 0;
    return count === 1 ? [] : [`${trace} failed and has ${count} loops`];
  });
  const extra = [...byTrace.keys()].filter((trace) => !failed.has(trace));
  return [...wrong, ...extra.map((trace) => `${trace} has a loop and did not fail`)];
}

/** A line for each thing in which a loop differs from the entries of its trace. */
export function differences(
  entries: readonly LedgerEntry[],
  loop: LoopSummary,
  transaction: Transaction,
): readonly string[] {
  const own = entries.find((entry) => entry.failed === 'own');
  const passed = entries.some((entry) => entry.service === 'gateway' && entry.status >= 500);
  return [
    ...loop.holes,
    ...transaction.holes.map(({ what }) => what),
    ...missingFrom(entries.map(entryLine), inboundOf(transaction).map(exchangeLine)),
    ...differs('origin', loop.origin?.service, own?.service),
    ...differs('outcome', loop.outcome, passed ? 'failed' : 'swallowed'),
    ...(own?.error === BUG.error ? withoutItsError(transaction) : []),
    ...unlinked(transaction),
  ].map((line) => `${loop.id}: ${line}`);
}

function inboundOf(transaction: Transaction): readonly Exchange[] {
  return transaction.exchanges.filter((exchange) => exchange.vantage.direction === 'inbound');
}

function entryLine({ service, method, path, status, requestSha256, responseSha256 }: LedgerEntry): string {
  return `${service} ${method} ${path} ${status} ${requestSha256} ${responseSha256}`;
}

function exchangeLine(exchange: Exchange): string {
  const { request, response } = capturedView(exchange);
  return `${exchange.vantage.service} ${methodOf(exchange)} ${pathOf(exchange)} ${statusOf(exchange)} ${request?.sha256} ${response?.sha256}`;
}

function missingFrom(said: readonly string[], recorded: readonly string[]): readonly string[] {
  const left = [...recorded];
  const missing = said.filter((line) => {
    const place = left.indexOf(line);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
  return [...missing.map((line) => `not recorded: ${line}`), ...left.map((line) => `recorded only: ${line}`)];
}

function differs(what: string, recorded: string | undefined, said: string | undefined): readonly string[] {
  return recorded === said ? [] : [`${what} is ${recorded}, and the ledger says ${said}`];
}

/** The refused statement hangs at an exchange that pricing answered with 500. */
function withoutItsError(transaction: Transaction): readonly string[] {
  const refused = transaction.commands.filter(({ command, exchange }) => {
    const server = exchangeById(transaction, exchange);
    return command.error?.code === BUG.sqlstate && server?.vantage.service === 'pricing' && statusOf(server) === 500;
  });
  return refused.length > 0 ? [] : [`no statement at pricing was refused with ${BUG.sqlstate}`];
}

/** Every exchange but the first hangs under another. */
function unlinked({ exchanges, links, entry }: Transaction): readonly string[] {
  const children = new Set(links.map((link) => link.child));
  return exchanges
    .filter((exchange) => exchange.id !== entry && !children.has(exchange.id))
    .map((exchange) => `hangs under nothing: ${exchange.vantage.direction} ${exchangeLine(exchange)}`);
}
