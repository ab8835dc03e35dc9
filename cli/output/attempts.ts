/** Tries of a retried call, a line each, under the call. */
import { grpcStatusName } from '../../src/domain/grpc.ts';
import type { AttemptView, ExchangeView } from '../../src/seal/view-schema.ts';
import { printable } from './format.ts';
import { paint } from './paint.ts';

/** For the line of the call, where nothing more is known than how many there were. */
export function attemptCount({ attemptCount: count, attempts }: ExchangeView): string {
  return count === undefined || attempts !== undefined ? '' : paint.dim(`  ${count} attempts`);
}

/** `headers`: those of each answer too. `at` writes the moment something began, and the indent. */
export function attemptLines(
  exchange: ExchangeView,
  headers: boolean,
  at: (time: number) => string,
): readonly string[] {
  return (exchange.attempts ?? []).flatMap((attempt) => [
    `${at(attempt.startedAt)}${attemptLine(attempt)}`,
    ...(headers ? (attempt.headers ?? []).map((one) => paint.dim(`${' '.repeat(11)}< ${line(one)}`)) : []),
  ]);
}

function attemptLine({ number, address, status, grpcStatus, startedAt, endedAt }: AttemptView): string {
  const grpc = grpcStatus === undefined ? [] : [`grpc ${grpcStatus} ${grpcStatusName(grpcStatus)}`];
  const said = status === undefined ? 'no answer' : [status, ...grpc].join(' ');
  const bad = status === undefined || status >= 500 || (grpcStatus ?? 0) !== 0;
  const where = address === undefined ? '' : paint.dim(`  ${printable(address)}`);
  return `attempt ${number}: ${bad ? paint.red(said) : said}${where}  ${paint.dim(`${(endedAt - startedAt).toFixed(0)} ms`)}`;
}

function line({ name, value }: { readonly name: string; readonly value: string }): string {
  return `${printable(name)}: ${printable(value)}`;
}
