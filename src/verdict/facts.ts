import type { Exchange } from '../domain/exchange.ts';
import { header, methodOf, statusOf } from '../domain/exchange.ts';
import { grpcStatusOf } from '../domain/grpc.ts';
import { grpcDeadlineOf } from '../domain/grpc-timeout.ts';
import type { EndReason } from '../domain/segment.ts';
import { failureAtEnd } from '../domain/websocket.ts';

/**
 * The handful of facts by which one exchange is judged. The recorder notes them while messages pass; the same come from an assembled
 * exchange, so that the verdict at the ring and the verdict over the tree cannot differ.
 */
export interface ExchangeFacts {
  /** `:status` of the answer; undefined while there is none. */
  readonly status: number | undefined;
  /** Envoy's attribute `response.code`: for a gRPC client Envoy hides its own 503 behind `:status 200`, and only this tells. */
  readonly code: number | undefined;
  /** `grpc-status` of a gRPC answer, from its trailers, or from its headers when it has no other part. */
  readonly grpcStatus?: number | undefined;
  /** Envoy's response flags as short names: final ones when `logged`, else as of the answer's headers. */
  readonly flags: readonly string[];
  /** Envoy's access log has told how the exchange ended. */
  readonly logged?: boolean | undefined;
  /** Envoy's response code details; only for the summary. */
  readonly details?: string | undefined;
  readonly requestComplete: boolean;
  readonly responseComplete: boolean;
  /** `text/event-stream`: ends when someone leaves. */
  readonly eventStream: boolean;
  /** 101, or CONNECT answered with success: what follows is not HTTP, and its end has no mark. */
  readonly upgraded: boolean;
  /** Of a WebSocket: the code with which its server said that it failed. */
  readonly closeCode?: number | undefined;
  readonly end: EndReason | 'open';
  /** From its first segment to the end of its answer, or to where it broke off; undefined while it goes on. */
  readonly durationMs?: number | undefined;
  /** Of an exchange that never ended: from its first segment to where by the end of its call it broke off. */
  readonly brokeOffMs?: number | undefined;
  /** How long the caller of a gRPC call waits. */
  readonly deadlineMs?: number | undefined;
}

export function factsOf(exchange: Exchange): ExchangeFacts {
  const { request, response } = exchange;
  const status = statusOf(exchange);
  const code = Number(exchange.attributes['response.code'] ?? Number.NaN);
  return {
    status,
    code: Number.isFinite(code) ? code : undefined,
    grpcStatus: response && grpcStatusOf(response),
    flags: exchange.flags,
    logged: exchange.logged,
    details: exchange.details,
    requestComplete: request?.complete ?? false,
    responseComplete: response?.complete ?? false,
    eventStream: isEventStream((response && header(response.headers, 'content-type')) ?? ''),
    upgraded: isUpgrade(status, methodOf(exchange)),
    closeCode: isUpgrade(status, methodOf(exchange)) ? closeCodeOf(exchange) : undefined,
    end: exchange.end,
    durationMs: Math.max(0, (response?.complete === true ? response.endedAt : exchange.endedAt) - exchange.startedAt),
    brokeOffMs: exchange.brokeOffAt && exchange.brokeOffAt - exchange.startedAt,
    deadlineMs: request && grpcDeadlineOf((name) => header(request.headers, name)),
  };
}

export function isEventStream(contentType: string): boolean {
  return /^\s*text\/event-stream\s*(?:;|$)/i.test(contentType);
}

/** As it is noted while messages pass: by the end of the last piece. */
function closeCodeOf({ response }: Exchange): number | undefined {
  const last = response?.body.findLast(({ bytes }) => bytes.length > 0);
  return last && failureAtEnd(last.bytes);
}

export function isUpgrade(status: number | undefined, method: string): boolean {
  return status === 101 || (method === 'CONNECT' && status !== undefined && status >= 200 && status < 300);
}
