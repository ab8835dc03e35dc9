import { describe, expect, it } from 'vitest';
import { Schemas } from '../../../src/keeping/schemas.ts';
import { encodeGrpcFrame } from '../../../src/wire/grpc/framing.ts';
import { schemaOf } from '../../../src/wire/protobuf/schema.ts';
import { long } from '../../../src/wire/protobuf/write.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { compile, filesIn } from '../../support/descriptors.ts';
import { exchangeSegments } from '../../support/recording.ts';
import { exchange, message, RECORDER, transaction, transactionKey } from '../../support/transaction.ts';

const proto = (field: string) =>
  compile(`syntax = "proto3"; package shop; message M { string ${field} = 1; } service S { rpc Get(M) returns (M); }`);

/** A recording in which a server told this of itself. */
function told(field: string, path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo') {
  const answer = Buffer.concat(long(4, Buffer.concat(filesIn(proto(field).set).flatMap((file) => long(1, file)))));
  const segments = exchangeSegments(1, 'pricing', 'inbound', {
    method: 'POST',
    path,
    protocol: 'HTTP/2',
    headers: { 'content-type': 'application/grpc' },
    answer: {
      status: 200,
      headers: { 'content-type': 'application/grpc' },
      body: encodeGrpcFrame({ compressed: false, bytes: answer }),
      // The client left.
      whole: false,
    },
  });
  return { key: transactionKey(), parts: [{ recorder: RECORDER, overwritten: 0, records: encodeSegments(segments) }] };
}

const nameOf = (schemas: Schemas) => schemas.current.message('shop.M')?.fields.get(1)?.name;

const asked = (path: string, type = 'application/grpc') =>
  transaction({
    exchanges: [exchange(1, { request: message({ ':method': 'POST', ':path': path, 'content-type': type }) })],
  });

describe('what servers tell of their messages', () => {
  it('is learnt, the newest first, and never before what was configured', () => {
    const schemas = new Schemas();
    schemas.learn(told('old'));
    schemas.learn(told('newer'));
    expect(nameOf(schemas)).toBe('newer');
    const configured = new Schemas(schemaOf(proto('mine').tables));
    configured.learn(told('theirs'));
    expect(nameOf(configured)).toBe('mine');
  });

  it('is learnt from reflection alone', () => {
    const schemas = new Schemas();
    schemas.learn(told('name', '/shop.S/ServerReflectionInfo'));
    expect(nameOf(schemas)).toBeUndefined();
  });

  it('of thirty-two servers is remembered', () => {
    const schemas = new Schemas();
    for (let index = 0; index < 40; index++) schemas.learn(told(`f${index}`));
    expect(nameOf(schemas)).toBe('f39');
  });

  it.each([
    ['a method nobody knows', '/shop.S/Get', undefined, 1],
    ['reflection itself', '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', undefined, 0],
    ['no gRPC', '/shop.S/Get', 'application/json', 0],
  ])('is looked for in companions because of %s', async (_what, path, type, times) => {
    const schemas = new Schemas();
    let looked = 0;
    const companions = () => {
      looked += 1;
      return Promise.resolve([told('found')]);
    };
    await schemas.study(asked(path, type), companions);
    await schemas.study(asked(path, type), companions);
    expect([looked, nameOf(schemas)]).toEqual([times, times === 0 ? undefined : 'found']);
  });
});
