import { expect, it } from 'vitest';
import { decodeMessage, type DecodedMessage } from '../../../../src/wire/extproc/decode.ts';
import { encodeMessage } from '../../../../src/wire/extproc/encode.ts';
import {
  ProcessingRequest,
  requestBody,
  requestHeaders,
  requestTrailers,
  responseBody,
  responseHeaders,
  responseTrailers,
} from '../../../support/extproc.ts';

const attributes = { 'request.path': '/grüße', 'response.flags': 4, __proto__x: true };

function decoded(bytes: Uint8Array): DecodedMessage {
  const message = decodeMessage(bytes);
  if ('fault' in message) throw new Error(message.fault);
  return message;
}

it.each([
  ['request headers', requestHeaders({ ':method': 'GET', 'x-a': '\u00ff' }, { attributes })],
  ['request headers that end', requestHeaders({}, { endOfStream: true, observabilityMode: false })],
  ['response headers', responseHeaders({ ':status': '200' }, { attributes })],
  ['a request body', requestBody('{}')],
  ['a response body that ends', responseBody(Uint8Array.of(0, 255), { endOfStream: true })],
  ['an empty body', requestBody('', { endOfStream: true })],
  ['request trailers', requestTrailers({ 'grpc-status': '0' })],
  ['response trailers', responseTrailers([])],
])('%s come back as they were', (_what, bytes) => {
  const message = decoded(bytes);
  const again = encodeMessage(message);
  expect(decoded(again)).toEqual(message);
  expect(() => ProcessingRequest.decode(again)).not.toThrow();
});
