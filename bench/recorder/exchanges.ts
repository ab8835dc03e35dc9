/** Canned exchanges, as the messages of a capturing call, in batches whose ids are always new. */
import type { Header } from '../../src/domain/exchange.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from '../../test/support/extproc.ts';

/** Envoy sends a body as it reads it. */
const PIECE_BYTES = 16 * 1024;
const TRACE = '0'.repeat(32);
const REQUEST_ID = '00000000-0000-4000-8000-000000000000';

export function metadataOf(instance: number): readonly Header[] {
  const pairs = { service: 'shop', instance: `shop-${instance}`, direction: 'inbound', protocol: 'http' };
  return Object.entries(pairs).map(([name, value]) => ({ name: `x-loop-${name}`, value }));
}

export interface Batch {
  /** Messages of each exchange, the head of the request first. */
  readonly exchanges: readonly (readonly Uint8Array[])[];
  /** Gives every exchange a trace, a request id and a path that no other has had. */
  readonly renew: () => void;
}

/** `answerBytes`: of the answer's body; the request has 200. */
export function batchOf(size: number, answerBytes: number): Batch {
  const rest = messagesAfterHead(answerBytes);
  const heads = Array.from({ length: size }, () => Buffer.from(head()));
  const [first = Buffer.alloc(0)] = heads;
  const places = [first.indexOf(TRACE), first.indexOf(REQUEST_ID) + 24, first.indexOf('/orders/') + 8];
  let last = 0;
  const renew = (): void => {
    for (const bytes of heads) {
      last += 1;
      for (const at of places) bytes.write(String(last).padStart(12, '0'), at, 'latin1');
    }
  };
  return { exchanges: heads.map((bytes) => [bytes, ...rest]), renew };
}

function head(): Uint8Array {
  return requestHeaders(
    {
      ':method': 'POST',
      ':path': '/orders/000000000000',
      ':authority': 'shop',
      ':scheme': 'http',
      traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
      'x-request-id': REQUEST_ID,
      'user-agent': 'curl/8.5.0',
      accept: '*/*',
      'content-type': 'application/json',
    },
    { endOfStream: false },
  );
}

function messagesAfterHead(answerBytes: number): readonly Uint8Array[] {
  const answered = { ':status': '200', 'content-type': 'application/json', 'content-length': String(answerBytes) };
  const pieces = Array.from({ length: Math.ceil(answerBytes / PIECE_BYTES) }, (_none, index) =>
    Math.min(PIECE_BYTES, answerBytes - index * PIECE_BYTES),
  );
  return [
    requestBody('q'.repeat(200), { endOfStream: true }),
    responseHeaders(answered, { endOfStream: false }),
    ...pieces.map((bytes) => responseBody('w'.repeat(bytes), { endOfStream: false })),
    responseBody('', { endOfStream: true }),
  ];
}
