/** Recorded answers over HTTP/2, one connection at a time. */
import type { ServerHttp2Stream } from 'node:http2';
import { constants, performServerHandshake } from 'node:http2';
import type { Socket } from 'node:net';
import type { Header } from '../../../src/domain/exchange.ts';
import { header } from '../../../src/domain/exchange.ts';
import { isGrpc } from '../../../src/domain/grpc.ts';
import { readBody } from '../http/body.ts';
import type { HttpPeers } from '../http/peers.ts';
import { headersFrom } from '../../node-headers.ts';
import type { Dialled } from '../mock.ts';
import { playGrpcStream } from './grpc-stream.ts';
import { answerWriter, sendGrpcMiss, sendMiss, sendRecorded } from './reply.ts';

/** Clients that are tested here send big bodies and give up calls as they like. */
const OPTIONS = { maxSessionMemory: 256, streamResetBurst: 1e9, streamResetRate: 1e9 };

/** The socket stands before the client's preface; bytes already read may have been put back. */
export function serveHttp2(socket: Socket, peer: Dialled, peers: HttpPeers): void {
  const session = performServerHandshake(socket, OPTIONS);
  session.on('error', () => session.destroy());
  session.on('stream', (stream: ServerHttp2Stream, _headers: unknown, _flags: number, raw: readonly string[]) => {
    // The client gave this call up, or broke the protocol on it.
    stream.on('error', () => undefined);
    void serveStream(stream, headersFrom(raw), peer, peers);
  });
}

async function serveStream(
  stream: ServerHttp2Stream,
  headers: readonly Header[],
  peer: Dialled,
  peers: HttpPeers,
): Promise<void> {
  if (playGrpcStream({ stream, headers, peer, peers })) return;
  const body = await readBody(stream);
  if (body === undefined || stream.destroyed) return;
  if (body === 'too-large') return stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  const method = header(headers, ':method') ?? 'GET';
  const target = header(headers, ':path') ?? '/';
  const isCall = isGrpc(header(headers, 'content-type'));
  peers.answer(
    peer,
    { method, target, headers, body },
    {
      // Its client may have left while the answer waited for its turn.
      recorded: (exchange) => (stream.destroyed ? 'answered' : sendRecorded(exchange, stream)),
      begin: () => answerWriter(stream),
      missed: (explanation) => (isCall ? sendGrpcMiss : sendMiss)(explanation, stream),
    },
  );
}
