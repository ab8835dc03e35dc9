/**
 * A grpc-js server whose HTTP/2 layer can stand what Envoy does. grpc-js takes none of these settings as options (1.14), but it builds its
 * HTTP/2 server from a field and in a method of its own; both are reached here, in this file alone, and missed loudly should they go.
 */
import type * as http2 from 'node:http2';
import { Server, logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import type { ServerCredentials } from '@grpc/grpc-js';
import { IngestError } from '../error.ts';
import { HTTP2 } from '../limits.ts';

interface Internals {
  commonServerOptions?: http2.ServerOptions;
  createHttp2Server?: (this: Server, credentials: ServerCredentials) => http2.Http2Server;
}

/** `onServer` is called with each HTTP/2 server before it listens and before grpc-js sees anything of it. */
export function createTunedServer(messageBytes: number, onServer: (server: http2.Http2Server) => void): Server {
  // It writes to the console by itself what its errors say again.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    'grpc.max_receive_message_length': messageBytes,
    // Channelz keeps a trace per call for a debugger nobody attaches.
    'grpc.enable_channelz': 0,
  });
  const internals = server as unknown as Internals;
  const { commonServerOptions, createHttp2Server } = internals;
  if (commonServerOptions === undefined || createHttp2Server === undefined) {
    throw new IngestError(
      'unsupported',
      'This version of @grpc/grpc-js has no commonServerOptions or createHttp2Server: without them Envoy’s connections break after 1000 calls.',
      'Install @grpc/grpc-js 1.14.',
    );
  }
  Object.assign(commonServerOptions, {
    settings: { initialWindowSize: HTTP2.streamWindowBytes, maxConcurrentStreams: HTTP2.maxConcurrentStreams },
    streamResetBurst: HTTP2.streamResets.burst,
    streamResetRate: HTTP2.streamResets.perSecond,
  });
  internals.createHttp2Server = (credentials) => {
    const inner = createHttp2Server.call(server, credentials);
    inner.on('session', (session) => session.setLocalWindowSize(HTTP2.connectionWindowBytes));
    onServer(inner);
    return inner;
  };
  return server;
}
