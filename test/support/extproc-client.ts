import { once } from 'node:events';
import * as http2 from 'node:http2';
import type { ListenAddress } from '../../src/ingest/transport.ts';

export const PROCESS = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';
export const LOGS = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs';

export function connectTo(address: ListenAddress): http2.ClientHttp2Session {
  const session =
    address.kind === 'tcp'
      ? http2.connect(`http://${address.host}:${address.port}`)
      : http2.connect('http://sink', { path: address.path });
  // A test that expects the connection to break looks at `destroyed` and `close`.
  session.on('error', () => undefined);
  return session;
}

export function grpcFrame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** One ext_proc call made the way Envoy makes it. */
export class EnvoyCall {
  readonly stream: http2.ClientHttp2Stream;
  readonly trailers: Promise<http2.IncomingHttpHeaders>;
  #received = Buffer.alloc(0);

  constructor(session: http2.ClientHttp2Session, metadata: Record<string, string> = {}, path: string = PROCESS) {
    this.stream = session.request(
      { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...metadata },
      { endStream: false },
    );
    this.stream.on('error', () => undefined);
    this.stream.on('data', (bytes: Buffer) => (this.#received = Buffer.concat([this.#received, bytes])));
    this.trailers = new Promise((resolve) => {
      this.stream.on('trailers', resolve);
      // A call that ends before it answered says its status in the headers.
      this.stream.on('response', (headers) => headers['grpc-status'] !== undefined && resolve(headers));
    });
  }

  send(...messages: readonly Uint8Array[]): this {
    for (const message of messages) this.stream.write(grpcFrame(message));
    return this;
  }

  /** END_STREAM, then RST_STREAM with INTERNAL_ERROR: how Envoy 1.40 ends every call, good or bad. */
  finish(): this {
    this.stream.end(() => this.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
    return this;
  }

  /** The next message the sink sends, without its prefix. */
  async reply(): Promise<Buffer> {
    while (this.#received.length < 5 || this.#received.length < 5 + this.#received.readUInt32BE(1))
      await once(this.stream, 'data');
    const end = 5 + this.#received.readUInt32BE(1);
    const message = this.#received.subarray(5, end);
    this.#received = this.#received.subarray(end);
    return message;
  }
}
