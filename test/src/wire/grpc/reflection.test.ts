import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { encodeGrpcFrame } from '../../../../src/wire/grpc/framing.ts';
import { readReflection } from '../../../../src/wire/grpc/reflection.ts';
import { long } from '../../../../src/wire/protobuf/write.ts';
import { compile, filesIn, SHOP, WELL_KNOWN } from '../../../support/descriptors.ts';

const { set } = compile(WELL_KNOWN, SHOP);

const answer = (...protos: readonly Uint8Array[]) =>
  Buffer.concat(long(4, Buffer.concat(protos.flatMap((proto) => long(1, proto)))));
const framed = (bytes: Uint8Array, compressed = false) => encodeGrpcFrame({ compressed, bytes });

it('all files of all answers are one schema, each once, whole or in pieces, compressed or not', () => {
  const body = Buffer.concat([
    framed(Buffer.concat(long(6, Buffer.from('list')))),
    ...filesIn(set).map((file) => framed(answer(file))),
    framed(gzipSync(answer(...filesIn(set))), true),
  ]);
  const whole = readReflection([body], 'gzip');
  expect(whole?.methods.get('/shop.Pricing/Quote')?.input).toBe('shop.Order');
  const pieces = Array.from(body, (byte) => Uint8Array.of(byte));
  expect(readReflection(pieces, 'gzip')).toEqual(whole);
});

it.each([
  ['nothing', Uint8Array.of()],
  ['an error', framed(Buffer.concat(long(7, Buffer.from('\b\u0005'))))],
  ['a file that is none', framed(answer(Uint8Array.of(0xff)))],
  ['no gRPC', Buffer.from('<html>')],
])('%s tells nothing', (_what, body) => expect(readReflection([body], undefined)).toBeUndefined());

it('more than a server should say is not believed', () => {
  expect(readReflection([framed(answer(...filesIn(set)))], undefined, { members: 10 })).toBeUndefined();
});
