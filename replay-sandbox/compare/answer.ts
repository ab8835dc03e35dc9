import type { Header } from '../../src/domain/exchange.ts';
import { grpcStatusName, grpcStatusOf, rawGrpcMessageOf } from '../../src/domain/grpc.ts';
import { header } from '../../src/domain/exchange.ts';
import { decodeContent } from '../../src/wire/http/content-encoding.ts';
import { decodeMessageText } from '../../src/wire/grpc/message-text.ts';

/** What the trigger was answered, then or now. */
export interface Answer {
  /** Undefined when the connection ended without an answer. */
  readonly status: number | undefined;
  readonly headers: readonly Header[];
  readonly trailers?: readonly Header[];
  readonly body: Uint8Array;
  /** Of a recorded one: it was longer than what is kept of a body. */
  readonly cut?: boolean;
  /** Of one just given: its connection broke before it was whole. */
  readonly brokeOff?: boolean;
}

/** A compressed body that grows beyond this is taken as it is. */
const INFLATE_LIMIT = 16 * 1024 * 1024;

/** The body without its content encoding: what compresses today need not write the bytes of then. */
export function plainBody({ headers, body }: Answer): Uint8Array {
  const plain = decodeContent(body, header(headers, 'content-encoding'), INFLATE_LIMIT);
  return typeof plain === 'string' ? body : plain;
}

export const NO_ANSWER: Answer = { status: undefined, headers: [], body: new Uint8Array() };

export interface GrpcOutcome {
  readonly status: number;
  /** `INTERNAL` */
  readonly name: string;
  readonly message: string;
}

/** Undefined for what is no gRPC answer, and for one that broke off before it said its status. */
export function grpcOutcome({ headers, trailers = [] }: Answer): GrpcOutcome | undefined {
  const status = grpcStatusOf({ headers, trailers });
  if (status === undefined) return undefined;
  const message = decodeMessageText(rawGrpcMessageOf({ headers, trailers }) ?? '');
  return { status, name: grpcStatusName(status), message };
}
