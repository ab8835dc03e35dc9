/**
 * Makes a recording without originals pass a service that verifies tokens: recorded key sets hold keys of the sandbox's own, and JWTs are
 * signed with those. What a secret shared with the service signed (HS256) cannot be made again.
 */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Exchange, Header, Message } from '../../src/domain/exchange.ts';
import { bodyOf, header } from '../../src/domain/exchange.ts';
import type { Transaction } from '../../src/domain/transaction.ts';
import type { Recording } from '../plan/plan.ts';
import { OwnKeys, parseKeySet } from './key-sets.ts';
import { remintTokens } from './tokens.ts';

export interface Reminted {
  readonly recording: Recording;
  /** For people, when there was anything to do. */
  readonly said?: string;
}

/** `now`: the service's clock, Unix ms; by default it is as late as it was. */
export function remint(recording: Recording, now = firstTime(recording)): Reminted {
  const keys = new OwnKeys();
  const withKeys = mapExchanges(recording, (exchange) => withOwnKeys(exchange, keys));
  let minted = 0;
  let left = 0;
  const minting = {
    signer: (kid: string | undefined) => keys.signer(kid),
    ageSeconds: (now - firstTime(recording)) / 1000,
    told: (outcome: 'minted' | 'no-key') => (outcome === 'minted' ? (minted += 1) : (left += 1)),
  };
  const reminted = mapExchanges(withKeys, (exchange) => withText(exchange, (text) => remintTokens(text, minting)));
  if (minted + left === 0) return { recording: reminted };
  const unsigned = left === 0 ? '' : `; ${left} have no recorded public key and cannot be`;
  return { recording: reminted, said: `${minted} tokens are signed by the sandbox${unsigned}` };
}

function firstTime({ transaction }: Recording): number {
  return Math.min(...transaction.exchanges.map(({ startedAt }) => startedAt));
}

function mapExchanges(recording: Recording, map: (exchange: Exchange) => Exchange): Recording {
  const within = (transaction: Transaction) => ({ ...transaction, exchanges: transaction.exchanges.map(map) });
  return {
    ...recording,
    transaction: within(recording.transaction),
    ambient: recording.ambient.map(within),
    exemplars: recording.exemplars.map(within),
  };
}

function withOwnKeys(exchange: Exchange, keys: OwnKeys): Exchange {
  const { response } = exchange;
  if (response === undefined) return exchange;
  const set = parseKeySet(plainBody(response)?.toString('utf8') ?? '');
  return set === undefined
    ? exchange
    : { ...exchange, response: withBody(response, JSON.stringify(keys.replace(set))) };
}

function withText(exchange: Exchange, change: (text: string) => string): Exchange {
  const { request, response } = exchange;
  return {
    ...exchange,
    ...(request && { request: messageWith(request, change) }),
    ...(response && { response: messageWith(response, change) }),
  };
}

function messageWith(message: Message, change: (text: string) => string): Message {
  const headers = message.headers.map(({ name, value }) => ({ name, value: change(value) }));
  const text = plainBody(message)?.toString('latin1') ?? '';
  const changed = change(text);
  const same = { ...message, headers };
  return changed === text ? same : withBody(same, Buffer.from(changed, 'latin1'));
}

type Inflate = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Buffer;

const DECODERS: Readonly<Record<string, Inflate>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};
const MOST_BYTES = 16 * 1024 * 1024;

/** Undefined for a body that cannot be read here. */
function plainBody(message: Message): Buffer | undefined {
  const bytes = Buffer.from(bodyOf(message));
  const encoding = header(message.headers, 'content-encoding');
  if (encoding === undefined || encoding === 'identity') return bytes;
  const decode = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  try {
    return decode?.(bytes, { maxOutputLength: MOST_BYTES });
  } catch {
    return undefined;
  }
}

/** In one piece, not compressed; the announced length is its own. */
function withBody(message: Message, body: string | Uint8Array): Message {
  const bytes = Buffer.from(body);
  const headers = message.headers.flatMap(({ name, value }): Header[] => {
    if (name === 'content-encoding') return [];
    return [{ name, value: name === 'content-length' ? String(bytes.length) : value }];
  });
  return { ...message, headers, body: [{ at: message.body[0]?.at ?? message.startedAt, bytes }] };
}
