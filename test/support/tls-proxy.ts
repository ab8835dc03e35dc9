/** TLS in front of a loopd, as an operator puts it there: a small real proxy with a certificate of an authority of its own. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { createAuthority } from '../../replay-sandbox/mocks/tls/authority.ts';

export interface TlsProxy {
  readonly url: string;
  /** PEM of the authority. */
  readonly ca: string;
}

export interface TlsProxyOptions {
  /** Whom the certificate is for. */
  readonly name?: string;
  /** The certificate is valid for five years before and after. Unix ms. */
  readonly around?: number;
}

export async function tlsInFrontOf(
  target: string,
  { name = '127.0.0.1', around = Date.now() }: TlsProxyOptions = {},
): Promise<TlsProxy> {
  const authority = await createAuthority(around);
  const secureContext = await authority.contextFor(name);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const inside = connect(Number(new URL(target).port), '127.0.0.1');
    const outside = new TLSSocket(socket, { isServer: true, secureContext });
    for (const end of [socket, inside, outside]) {
      open.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => [socket, inside].forEach((other) => void other.destroy()));
    }
    outside.pipe(inside).pipe(outside);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: authority.certificate };
}
