/** What is said of a row, for the picture and for who cannot see it. */
import type { AttemptView, CommandView, ExchangeView, FlowView } from '../../../src/seal/view-schema.ts';
import { inferredBy, type Row } from './tree.ts';
import { shortened, visibleLine } from './visible.ts';

const SHOWN_CHARACTERS = 300;

/** `orders → pricing.shop`, or who answered. */
function whoOf({ vantage, peer }: Pick<ExchangeView, 'vantage' | 'peer'>): string {
  return vantage.direction === 'outbound' ? `${vantage.service} → ${line(peer.name)}` : vantage.service;
}

export function nameOf(row: Row): string {
  switch (row.kind) {
    case 'exchange':
      return whoOf(row.exchange);
    case 'command':
      return databaseOf(row.command);
    case 'attempt':
      return `attempt ${row.attempt.number}`;
    case 'refused':
      return databaseOf(row.conversation);
    case 'hole':
      return 'missing';
  }
}

/** `postgres.shop`, or `postgres orders-db` where the name does not tell what it is. */
function databaseOf({ protocol, peer }: Pick<CommandView, 'protocol' | 'peer'>): string {
  const name = line(peer.name);
  return name.includes(protocol) ? name : `${protocol} ${name}`;
}

/** What was asked. */
export function askedOf(row: Row): string {
  switch (row.kind) {
    case 'exchange':
      return `${line(row.exchange.method)} ${line(row.exchange.path)}`;
    case 'command':
      return line(row.command.summary);
    case 'attempt':
      return line(row.attempt.address ?? '');
    case 'refused':
      return 'could not be reached';
    case 'hole':
      return line(row.what);
  }
}

export interface Outcome {
  readonly text: string;
  readonly bad: boolean;
}

export function outcomeOf(row: Row): Outcome {
  switch (row.kind) {
    case 'exchange':
      return { text: statusText(row.exchange), bad: row.failure !== undefined };
    case 'command': {
      const { error, rows } = row.command;
      if (error !== undefined) return { text: line(error.code), bad: true };
      return { text: rows === undefined ? 'ok' : `${rows} row${rows === 1 ? '' : 's'}`, bad: row.decided };
    }
    case 'attempt':
      return attemptOutcome(row.attempt);
    case 'refused':
      return { text: line(row.conversation.refused ?? ''), bad: true };
    case 'hole':
      return { text: '', bad: false };
  }
}

function attemptOutcome({ status, grpcStatus }: AttemptView): Outcome {
  if (status === undefined) return { text: 'no answer', bad: true };
  const bad = status >= 500 || (grpcStatus ?? 0) !== 0;
  return { text: grpcStatus === undefined ? `${status}` : `grpc ${grpcStatus}`, bad };
}

/** `502 UF`, `no answer`; of gRPC its own status, which stands in the trailers. */
export function statusText({ status, flags, response }: ExchangeView): string {
  const said = [...(response?.trailers ?? []), ...(response?.headers ?? [])].find(({ name }) => name === 'grpc-status');
  const grpc = said === undefined ? [] : [`grpc ${shortened(line(said.value), 20)}`];
  return [...(grpc.length > 0 ? grpc : [status === undefined ? 'no answer' : String(status)]), ...flags.map(line)].join(
    ' ',
  );
}

/** The part it had in the cascade, in one or two words. */
export function markOf(
  row: Row,
): { readonly text: string; readonly role: 'origin' | 'victim' | 'swallowed' } | undefined {
  if (row.kind === 'command') return row.decided ? { text: 'failed the rule', role: 'origin' } : undefined;
  if (row.kind !== 'exchange' || row.failure === undefined) return undefined;
  const { role } = row.failure;
  return { text: role === 'origin' ? 'began here' : role, role };
}

/** Why a link is a guess, as a sentence; undefined when it is none. */
export function guessOf(row: Row): string | undefined {
  const inferred = inferredBy(row);
  if (inferred === undefined) return undefined;
  if (inferred.flow !== undefined) return placedBy(inferred.flow);
  return row.kind === 'command'
    ? 'It may belong to another request: several were open at this instance.'
    : 'Placed by time and instance: it carried no trace context of its own.';
}

function placedBy({ certainty, evidence }: FlowView): string {
  return `Placed by what flows, certainty ${certainty.toFixed(2)}: ${evidence.map(line).join(', ') || 'no words for it'}.`;
}

function line(text: string): string {
  return shortened(visibleLine(text), SHOWN_CHARACTERS);
}
