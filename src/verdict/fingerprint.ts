/** What repeats of one failure have in common: where it began, what kind it is, and the shape of the error, without its ids and values. */
import { createHash } from 'node:crypto';
import type { Exchange } from '../domain/exchange.ts';
import { bodyOf, header, methodOf, pathOf, statusOf } from '../domain/exchange.ts';
import type { Fingerprint } from '../domain/ids.ts';
import { grpcStatusOf, rawGrpcMessageOf } from '../domain/grpc.ts';
import { parseFingerprint } from '../domain/ids.ts';
import { foldPath } from '../domain/route.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { FailedCommand, FailedExchange } from '../domain/verdict.ts';
import { flagsOfFailure } from '../domain/flags.ts';

/** Error texts are compared by their first part only; longer ones end in stacks and dumps. */
const SHAPE_CHARACTERS = 300;
/** So much of a database's message in the answer means that the answer quotes it. */
const QUOTED_CHARACTERS = 80;

export function fingerprintOf(transaction: Transaction, origin: FailedExchange): Fingerprint | undefined {
  const exchange = transaction.exchanges.find((candidate) => candidate.id === origin.exchange);
  if (exchange === undefined) return undefined;
  const text = errorText(exchange);
  const parts = [
    exchange.vantage.service,
    exchange.vantage.direction === 'outbound' ? exchange.peer.name : '',
    methodOf(exchange),
    foldPath(pathOf(exchange)),
    origin.kind,
    String(statusOf(exchange) ?? ''),
    // Why an answer was cut off is known or not, as the access log came or did not: that must not make two failures of one.
    origin.kind === 'reset' ? '' : flagsOfFailure(exchange.flags).join(','),
    hiddenCode(transaction, exchange, text),
    shapeOf(text),
    ...grpcStatus(exchange),
    ...(origin.command === undefined ? [] : [commandOf(origin.command)]),
    ...(origin.rule === undefined ? [] : [`rule ${origin.rule}`]),
  ];
  return parseFingerprint(createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12));
}

function commandOf({ protocol, code, shape }: FailedCommand): string {
  return `command ${protocol} ${code} ${shape}`;
}

/**
 * The code of the database's last error, where the answer does not quote that error. Whose command it was is only certain while nothing
 * else ran at the instance, so one failure under load would have two fingerprints if its code counted although the answer tells as much.
 */
function hiddenCode(transaction: Transaction, exchange: Exchange, text: string): string {
  const errors = transaction.commands
    .filter((entry) => entry.exchange === exchange.id && entry.attribution !== 'candidate')
    .flatMap((entry) => entry.command.error ?? []);
  const plain = text.replaceAll('\\', '');
  return errors.findLast(({ message }) => !plain.includes(message.slice(0, QUOTED_CHARACTERS)))?.code ?? '';
}

/** Nothing for other answers, so that theirs stay what they were before gRPC was told apart. */
function grpcStatus({ response }: Exchange): readonly string[] {
  const status = response && grpcStatusOf(response);
  return status === undefined ? [] : [`grpc ${status}`];
}

/** The beginning of the answer, or the message of a gRPC status; empty for what is no text. */
function errorText(exchange: Exchange): string {
  const response = exchange.response;
  if (response !== undefined && grpcStatusOf(response) !== undefined)
    return (rawGrpcMessageOf(response) ?? '').slice(0, SHAPE_CHARACTERS);
  if (response === undefined || !/json|text/.test(header(response.headers, 'content-type') ?? '')) return '';
  if (header(response.headers, 'content-encoding') !== undefined) return '';
  return new TextDecoder().decode(bodyOf(response).subarray(0, 4 * SHAPE_CHARACTERS)).slice(0, SHAPE_CHARACTERS);
}

/** Quoted values, numbers and long hex folded. */
function shapeOf(text: string): string {
  return text
    .replace(/\\"[^"\\]*\\"|'[^']*'/g, '?')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}/gi, '?')
    .replace(/\d+/g, '0');
}
