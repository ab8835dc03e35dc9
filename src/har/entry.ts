/** One exchange as an entry of an HTTP archive. */
import { isIP } from 'node:net';
import type { Entry } from 'har-format';
import { header } from '../domain/exchange.ts';
import { grpcStatusName, grpcStatusOf, isGrpc, rawGrpcMessageOf } from '../domain/grpc.ts';
import type { ExchangeView, LoopView, MessageView } from '../seal/view-schema.ts';
import { harRequest, harResponse } from './message.ts';
import { harTimings, isoTime, timeOf } from './timings.ts';

export interface LoopEntry extends Entry {
  readonly _loop: LoopOfEntry;
}

/** What HAR has no place for. */
export interface LoopOfEntry extends Pick<
  ExchangeView,
  'flags' | 'details' | 'end' | 'peer' | 'protocol' | 'gaps' | 'attempts'
> {
  readonly exchange: string;
  readonly parent?: string;
  readonly service: string;
  readonly instance: string;
  readonly version?: string;
  readonly direction: 'inbound' | 'outbound';
  /** Its part in the failure; absent when it had none. */
  readonly role?: 'origin' | 'victim' | 'swallowed';
  readonly failure?: string;
  /** How often Envoy sent it. */
  readonly attempt: number;
  /** False: its end was not seen, or pieces are missing. */
  readonly complete: { readonly request: boolean; readonly response: boolean };
  readonly trailers: { readonly request: MessageView['headers']; readonly response: MessageView['headers'] };
  readonly grpc?: GrpcOfEntry;
}

export interface GrpcOfEntry {
  readonly status?: number;
  /** `INTERNAL`. */
  readonly statusName?: string;
  readonly message?: string;
  /** Fields by number, since no schema is at hand. */
  readonly request: readonly unknown[];
  readonly response: readonly unknown[];
}

export function harEntry(exchange: ExchangeView, view: Pick<LoopView, 'failures' | 'holes'>): LoopEntry {
  const timings = harTimings(exchange);
  const failure = view.failures.find((one) => one.exchange === exchange.id);
  const missing = view.holes.filter(({ where }) => where === exchange.id).map(({ what }) => `missing: ${what}`);
  const comments = [...(failure === undefined ? [] : [`${failure.role}: ${failure.summary}`]), ...missing];
  const ip = ipOf(exchange.peer.address);
  return {
    startedDateTime: isoTime(exchange.startedAt),
    time: timeOf(timings),
    request: harRequest(exchange),
    response: harResponse(exchange),
    cache: {},
    timings,
    ...(ip !== undefined && { serverIPAddress: ip }),
    ...(comments.length > 0 && { comment: comments.join('; ') }),
    _loop: factsOf(exchange, failure),
  };
}

function factsOf(exchange: ExchangeView, failure: LoopView['failures'][number] | undefined): LoopOfEntry {
  const { id, parent, vantage, peer, protocol, flags, details, end, gaps, attempts, request, response } = exchange;
  const grpc = grpcOf(exchange);
  return {
    exchange: id,
    ...(parent !== undefined && { parent: parent.exchange }),
    ...vantage,
    peer,
    protocol,
    ...(failure !== undefined && { role: failure.role, failure: failure.summary }),
    flags,
    ...(details !== undefined && { details }),
    end,
    gaps,
    attempt: exchange.attemptCount ?? 1,
    ...(attempts !== undefined && { attempts }),
    complete: { request: request?.complete ?? false, response: response?.complete ?? false },
    trailers: { request: request?.trailers ?? [], response: response?.trailers ?? [] },
    ...(grpc !== undefined && { grpc }),
  };
}

function grpcOf({ request, response }: ExchangeView): GrpcOfEntry | undefined {
  const isCall = [request, response].some((side) => side && isGrpc(header(side.headers, 'content-type')));
  if (!isCall) return undefined;
  const status = response && grpcStatusOf(response);
  const raw = response && rawGrpcMessageOf(response);
  return {
    ...(status !== undefined && { status, statusName: grpcStatusName(status) }),
    ...(raw !== undefined && { message: percentDecoded(raw) }),
    request: messagesOf(request),
    response: messagesOf(response),
  };
}

/** The view has a line of JSON per message; one that was cut is no JSON and stays text. */
function messagesOf(side: MessageView | undefined): readonly unknown[] {
  if (side?.body.kind !== 'text') return [];
  return side.body.text.split('\n').map((line): unknown => {
    try {
      return JSON.parse(line);
    } catch {
      return line;
    }
  });
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Of `10.0.0.9:8080` or `[::1]:8080`. */
function ipOf(address: string | undefined): string | undefined {
  const bare = address?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return bare !== undefined && isIP(bare) !== 0 ? bare : undefined;
}
