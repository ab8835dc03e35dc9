import { expect, it } from 'vitest';
import type { Answer } from '../../../replay-sandbox/compare/answer.ts';
import { expectationOf } from '../../../replay-sandbox/verify/exemplars.ts';
import type { Expectation } from '../../../replay-sandbox/verify/expectation.ts';
import { brokenIn, readExpectation } from '../../../replay-sandbox/verify/expectation.ts';
import { encodeGrpcFrame } from '../../../src/wire/grpc/framing.ts';
import { quote } from '../../support/protobuf.ts';
import { headers } from '../../support/transaction.ts';

function json(body: string, status = 200, type = 'application/json'): Answer {
  return { status, headers: headers({ 'content-type': type }), body: Buffer.from(body) };
}

function grpc(value: Parameters<typeof quote>[0], status = '0'): Answer {
  return {
    status: 200,
    headers: headers({ 'content-type': 'application/grpc' }),
    trailers: headers({ 'grpc-status': status }),
    body: encodeGrpcFrame({ compressed: false, bytes: quote(value) }),
  };
}

/** `body.total number, got "1"`, a line each. */
function broken(answer: Answer, expected: Expectation | undefined): readonly string[] {
  return brokenIn(answer, expected ?? {}).map((one) => `${one.path} ${one.expected}, got ${one.got}`);
}

it.each([
  ['arrays of another length', ['{"l":[1]}', '{"l":[1,2]}'], '{"l":[1,2,3]}', []],
  ['an empty array', ['{"l":[1]}', '{"l":[1,2]}'], '{"l":[]}', []],
  [
    'an empty array where five good ones have items',
    Array.from({ length: 5 }, (_, n) => `{"l":[${n}]}`),
    '{"l":[]}',
    ['body.l an item, as in every good answer, got an empty array'],
  ],
  ['another kind in an array', ['{"l":[1]}'], '{"l":[1,"2"]}', ['body.l[1] number, got string "2"']],
  ['null against number', ['{"n":1}'], '{"n":null}', ['body.n number, got null']],
  ['null, which some good ones have', ['{"n":1}', '{"n":null}'], '{"n":null}', []],
  ['anything where all good ones have null', ['{"n":null}'], '{"n":1}', []],
  ['a missing key', ['{"a":1,"b":2}'], '{"a":1}', ['body.b number, got nothing']],
  ['a missing key that some good ones lack', ['{"a":1,"b":2}', '{"a":1}'], '{"a":1}', []],
  ['an extra key', ['{"a":1}'], '{"a":1,"z":9}', []],
  ['a key inside', ['{"o":{"a":1}}'], '{"o":{}}', ['body.o.a number, got nothing']],
  ['no JSON', ['{"a":1}'], '<html>', ['body JSON: object, got no JSON: "<html>"']],
  ['nothing', ['{"a":1}'], '', ['body JSON: object, got nothing']],
])('as good answers are: %s', (_name, exemplars, body, said) => {
  expect(broken(json(body), expectationOf(exemplars.map((text) => json(text))))).toEqual(said);
});

it('status class and media type are those of good answers', () => {
  const held = expectationOf([json('{}'), json('{}', 201)]);
  expect(broken(json('{}', 204, 'application/json; charset=utf-8'), held)).toEqual([]);
  expect(broken(json('sorry', 302, 'text/html'), held).slice(0, 2)).toEqual([
    'status 2xx, got 302',
    'headers.content-type application/json, got text/html',
  ]);
  expect(expectationOf([])).toBeUndefined();
});

it('of gRPC: the status, and the parts that all good messages have', () => {
  const line = { name: 'A-1', price: 2 };
  const held = expectationOf([grpc({ sku: 'A-1', lines: [line] }), grpc({ count: 2, lines: [line] })]);
  expect(held).toMatchObject({ status: ['2xx'], grpcStatus: 0, contentType: ['application/grpc'] });
  expect(broken(grpc({ lines: [line] }), held)).toEqual([]);
  expect(broken(grpc({ lines: [line] }, '13'), held)).toEqual(['grpc-status 0, got 13']);
  expect(broken(grpc({ sku: 'A-1' }), held)).toEqual([expect.stringMatching(/^body\S+ something, got nothing$/)]);
});

it.each([
  ['{"grpcStatus":5}', []],
  ['{"grpcStatus":0}', ['grpc-status 0, got 5']],
])('--expect %s', (text, said) => {
  expect(broken(grpc({}, '5'), readExpectation(text, '--expect'))).toEqual(said);
});
