import type { TransportSurroundings } from './surroundings.ts';
import type { CreateTransport } from './transport.ts';

/** `http2` is ours, made for Envoy's calls; `grpc-js` is the library, slower by far, kept to compare with. */
export type TransportKind = 'http2' | 'grpc-js';

export const DEFAULT_TRANSPORT: TransportKind = 'http2';

/** Loads only what is asked for: grpc-js costs a tenth of a second. */
export async function loadTransport(kind: TransportKind): Promise<(around: TransportSurroundings) => CreateTransport> {
  if (kind === 'grpc-js') return (await import('./grpcjs/transport.ts')).grpcjsTransport;
  return (await import('./http2/transport.ts')).http2Transport;
}
