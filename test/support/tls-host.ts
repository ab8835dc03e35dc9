/** A host that speaks nothing but TLS: HTTP/1.1 and gRPC under one name, with a certificate of an authority made for it. */
import { once } from 'node:events';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createAuthority } from '../../replay-sandbox/mocks/tls/authority.ts';
import { encodeGrpcFrame } from '../../src/wire/grpc/framing.ts';

export interface TlsHost {
  readonly port: number;
  /** PEM of the authority. */
  readonly ca: string;
  /** What was asked, as `name protocol method path`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Answers HTTP/1.1 with a rate that is no number, and gRPC with INTERNAL, both whatever is asked. */
export async function startTlsHost(name: string): Promise<TlsHost> {
  const authority = await createAuthority(Date.now());
  const asked: string[] = [];
  const server = createSecureServer({
    allowHTTP1: true,
    SNICallback: (_asked, done) => void authority.contextFor(name).then((context) => done(null, context), done),
  });
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const { method, url, httpVersionMajor } = request;
    // Of HTTP/2 it is a stand-in, which shows what it has only when asked by name.
    const { servername } = request.socket as TLSSocket & { readonly servername?: string };
    const sni = String(servername);
    asked.push(`${sni} ${httpVersionMajor === 2 ? 'h2' : 'http/1.1'} ${method} ${url}`);
    request.resume().once('end', () => (httpVersionMajor === 2 ? answerGrpc(response) : answerJson(response)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    ca: authority.certificate,
    asked,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}

function answerJson(response: Http2ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{"rate":"NaN"}');
}

function answerGrpc(response: Http2ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/grpc' });
  response.addTrailers({ 'grpc-status': '13', 'grpc-message': 'the rate is no number' });
  response.end(encodeGrpcFrame({ compressed: false, bytes: new Uint8Array() }));
}
