/**
 * The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), with or without channel binding (RFC 5929, tls-server-end-point), for clients
 * that let nobody in who does not prove to know their password. Which of several passwords the client has, its proof tells.
 */
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

/** As Postgres' own default, and the least that RFC 7677 allows. */
const ITERATIONS = 4096;
const KEY_BYTES = 32;

export const PLAIN_MECHANISM = 'SCRAM-SHA-256';
export const BOUND_MECHANISM = 'SCRAM-SHA-256-PLUS';

/** `refused`: the proof is of none of the passwords. `fault`: the message does not follow the exchange; says how. */
export type Reply =
  | { readonly kind: 'said'; readonly data: Uint8Array }
  | { readonly kind: 'refused' }
  | { readonly kind: 'fault'; readonly why: string };

/** What one replay has: salted once per password, whoever connects. */
export class Passwords {
  readonly salt: Uint8Array;
  readonly #plain: readonly string[];
  #salted: readonly Buffer[] | undefined;

  constructor(plain: readonly string[], salt: Uint8Array) {
    this.#plain = plain;
    this.salt = salt;
  }

  get salted(): readonly Buffer[] {
    return (this.#salted ??= this.#plain.map((password) =>
      pbkdf2Sync(password.normalize('NFKC'), this.salt, ITERATIONS, KEY_BYTES, 'sha256'),
    ));
  }
}

export interface ScramOptions {
  readonly passwords: Passwords;
  /** The server's part of the nonce: printable, without commas. */
  readonly nonce: string;
  /** What a client that binds to the channel must show: the hash of the certificate it got. */
  readonly binding: Uint8Array | undefined;
}

/** One exchange: the client's first message, then its last. */
export class ScramExchange {
  readonly #options: ScramOptions;
  #header = '';
  #nonce = '';
  /** What both sides sign, up to the client's last message. */
  #signed = '';

  constructor(options: ScramOptions) {
    this.#options = options;
  }

  first(data: Uint8Array): Reply {
    const found =
      /^((?:n|y|p=tls-server-end-point),(?:a=[^,]*)?,)((?:m=[^,]*,)?n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+).*)$/.exec(
        Buffer.from(data).toString('utf8'),
      );
    const [, header = '', bare = '', nonce = ''] = found ?? [];
    if (found === null) return { kind: 'fault', why: 'malformed SCRAM message' };
    const { passwords, nonce: own } = this.#options;
    this.#header = header;
    this.#nonce = nonce + own;
    const said = `r=${this.#nonce},s=${Buffer.from(passwords.salt).toString('base64')},i=${ITERATIONS}`;
    this.#signed = `${bare},${said}`;
    return { kind: 'said', data: Buffer.from(said) };
  }

  final(data: Uint8Array): Reply {
    const found = /^(c=([^,]*),r=([^,]*)(?:,.*)?),p=([A-Za-z0-9+/]+=*)$/.exec(Buffer.from(data).toString('utf8'));
    const [, unproven = '', binding = '', nonce = '', proof = ''] = found ?? [];
    if (found === null || nonce !== this.#nonce) return { kind: 'fault', why: 'malformed SCRAM message' };
    if (binding !== this.#binding()) return { kind: 'fault', why: 'SCRAM channel binding check failed' };
    const signed = `${this.#signed},${unproven}`;
    const salted = this.#options.passwords.salted.find((key) => proves(key, signed, Buffer.from(proof, 'base64')));
    if (salted === undefined) return { kind: 'refused' };
    const signature = hmac(hmac(salted, 'Server Key'), signed);
    return { kind: 'said', data: Buffer.from(`v=${signature.toString('base64')}`) };
  }

  #binding(): string {
    const bound = this.#header.startsWith('p=') ? (this.#options.binding ?? new Uint8Array(0)) : new Uint8Array(0);
    return Buffer.concat([Buffer.from(this.#header), bound]).toString('base64');
  }
}

function proves(salted: Buffer, signed: string, proof: Buffer): boolean {
  const clientKey = hmac(salted, 'Client Key');
  const signature = hmac(createHash('sha256').update(clientKey).digest(), signed);
  return (
    proof.length === KEY_BYTES &&
    timingSafeEqual(
      clientKey,
      proof.map((byte, at) => byte ^ (signature[at] ?? 0)),
    )
  );
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
