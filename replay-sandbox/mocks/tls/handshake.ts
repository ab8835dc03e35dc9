/** What every TLS server of the sandbox does: it asks for a client's certificate, takes any or none, and tells when it is refused itself. */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { TLSSocket } from 'node:tls';
import type { Silences } from './silences.ts';

export interface Handshake {
  /** Of a client that names nobody. */
  readonly context: SecureContext;
  /** By server name. */
  readonly contextOf: (name: string) => Promise<SecureContext>;
  readonly alpn: readonly string[];
  /** The client did not take the certificate: in one clause, how that was seen. */
  readonly refused: (how: string) => void;
  /** Told of the connection until its client has spoken. */
  readonly silences?: Silences | undefined;
}

/** Alerts by which a client says that it does not believe the certificate (RFC 8446, section 6.2), as OpenSSL names them on the other side. */
const ALERTS: readonly (readonly [RegExp, string])[] = [
  [/UNKNOWN_CA/, 'it does not know the authority (alert unknown_ca)'],
  [/BAD_CERTIFICATE/, 'it took the certificate for a bad one (alert bad_certificate)'],
  [/CERTIFICATE_UNKNOWN/, 'it did not accept the certificate (alert certificate_unknown)'],
  [/UNSUPPORTED_CERTIFICATE/, 'it takes no such certificate (alert unsupported_certificate)'],
  [/CERTIFICATE_EXPIRED/, 'by its clock the certificate is not valid (alert certificate_expired)'],
  [/ACCESS_DENIED/, 'it ended the handshake (alert access_denied)'],
];

/** Of a client that is gone. */
const LEFT: readonly string[] = ['ECONNRESET', 'EPIPE'];

export function serverHandshake(plain: Socket, { context, contextOf, alpn, refused, silences }: Handshake): TLSSocket {
  const secure = new TLSSocket(plain, {
    isServer: true,
    secureContext: context,
    ALPNProtocols: [...alpn],
    SNICallback: (name, done) => void contextOf(name).then((found) => done(null, found), done),
    requestCert: true,
    rejectUnauthorized: false,
  });
  watchRefusal(secure, plain, refused);
  silences?.add(secure);
  return secure;
}

/** Some clients send an alert; others, Node among them, look at the certificate and leave without a word. */
function watchRefusal(secure: TLSSocket, plain: Socket, refused: (how: string) => void): void {
  let told = false;
  const tell = (how: string): void => {
    if (!told) refused(how);
    told = true;
  };
  secure.on('error', (error: Error & { readonly code?: string }) => {
    const text = `${error.code ?? ''} ${error.message}`.toUpperCase().replaceAll(' ', '_');
    const alert = ALERTS.find(([pattern]) => pattern.test(text));
    if (alert !== undefined) tell(alert[1]);
  });
  let left = false;
  for (const socket of [plain, secure]) {
    socket.once('end', () => (left = true));
    socket.once('error', (error: Error & { readonly code?: string }) => (left ||= LEFT.includes(error.code ?? '')));
  }
  secure.once('close', () => {
    if (left && secure.bytesRead === 0) tell('it left when it had seen the certificate, without a word');
  });
}
