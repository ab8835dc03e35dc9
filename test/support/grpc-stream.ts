/** Recorded gRPC streams, written down as what was said when. */
import type { Chunk, Exchange } from '../../src/domain/exchange.ts';
import { encodeGrpcFrame } from '../../src/wire/grpc/framing.ts';
import { exchange, headers, T0 } from './transaction.ts';

/** `>` the client's message, `<` the server's; `>|` the client ended, `<8` the server's trailers with that status, `<!` reset by the server, `>!` by the client. Ms since the stream began. */
export type Said = readonly [ms: number, what: string];

export const CHAT = '/shop.Desk/Chat';

const GRPC = { 'content-type': 'application/grpc' };

interface Recorded {
  readonly path?: string;
  readonly metadata?: Record<string, string>;
}

export function frame(text: string): Uint8Array {
  return encodeGrpcFrame({ compressed: false, bytes: Buffer.from(text) });
}

export function grpcStream(
  number: number,
  said: readonly Said[],
  { path = CHAT, metadata = {} }: Recorded = {},
): Exchange {
  const at = (what: string): number | undefined => said.findLast(([, one]) => one === what)?.[0];
  const of = (side: string): readonly Chunk[] =>
    said.flatMap(([ms, what]) => (what.startsWith(`${side} `) ? [{ at: T0 + ms, bytes: frame(what.slice(2)) }] : []));
  const client = of('>');
  const server = of('<');
  const status = said.find(([, what]) => /^<\d/.test(what));
  const closed = at('>|');
  const last = T0 + Math.max(...said.map(([ms]) => ms));
  const left = at('>!') !== undefined;
  const answered = server.length > 0 || status !== undefined || at('<!') !== undefined;
  const bare = server.length === 0;
  const trailers = status === undefined ? {} : { 'grpc-status': status[1].slice(1) };
  const own = { ':status': '200', ...GRPC };
  const startedAt = server[0]?.at ?? T0 + (status?.[0] ?? at('<!') ?? 0);
  const { response: _unanswered, ...rest } = exchange(number);
  return {
    ...rest,
    protocol: 'http/2',
    request: {
      headers: headers({ ':method': 'POST', ':path': path, ':authority': 'pricing', ...GRPC, ...metadata }),
      body: client,
      trailers: [],
      startedAt: T0,
      endedAt: closed === undefined ? (client.at(-1)?.at ?? T0) : T0 + closed,
      complete: closed !== undefined,
    },
    ...(answered && {
      response: {
        headers: headers(bare ? { ...own, ...trailers } : own),
        body: server,
        trailers: headers(bare ? {} : trailers),
        startedAt,
        endedAt: status === undefined ? (server.at(-1)?.at ?? startedAt) : T0 + status[0],
        complete: status !== undefined,
      },
    }),
    startedAt: T0,
    endedAt: last,
    brokeOffAt: last,
    end: 'closed',
    flags: left ? ['DR'] : [],
  };
}
