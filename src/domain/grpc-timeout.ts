/** `grpc-timeout`: up to eight digits and a unit. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests */
import { isGrpc } from './grpc.ts';

const UNITS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000_001 };

/** Milliseconds; undefined for what is no time-out. */
export function parseGrpcTimeout(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  const factor = UNITS[unit];
  return factor === undefined ? undefined : Number(digits) * factor;
}

/** How long the caller of a gRPC call waits, in ms; undefined for other requests, and where it waits for ever. */
export function grpcDeadlineOf(find: (name: string) => string | undefined): number | undefined {
  return isGrpc(find('content-type')) ? parseGrpcTimeout(find('grpc-timeout') ?? '') : undefined;
}

/** In whole milliseconds, or seconds where those need more than eight digits. */
export function formatGrpcTimeout(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms));
  return whole < 1e8 ? `${whole}m` : `${Math.min(Math.ceil(whole / 1000), 99_999_999)}S`;
}
