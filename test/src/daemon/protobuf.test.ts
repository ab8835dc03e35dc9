import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/daemon/config.ts';
import { DaemonError } from '../../../src/daemon/error.ts';
import { configuredSchema } from '../../../src/daemon/protobuf.ts';
import { long } from '../../../src/wire/protobuf/write.ts';
import { compile, filesIn, SHOP, WELL_KNOWN } from '../../support/descriptors.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

function schemaFrom(...files: readonly (readonly [string, Uint8Array | undefined])[]) {
  const directory = temporaryDirectory();
  for (const [name, bytes] of files) if (bytes !== undefined) writeFileSync(join(directory, name), bytes);
  const yaml = join(directory, 'loopd.yaml');
  writeFileSync(yaml, `protobuf: { descriptors: [${files.map(([name]) => name).join(', ')}] }`);
  return configuredSchema(readConfig(yaml, { data: directory }));
}

function refusal(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    return error;
  }
}

describe('descriptors in the configuration', () => {
  it('are read from beside the file, the first that knows a name counts', () => {
    const other = compile('syntax = "proto3"; package shop; message Priced { string other = 1; } message More { }');
    const schema = schemaFrom(['shop.pb', compile(WELL_KNOWN, SHOP).set], ['other.pb', other.set]);
    expect(schema.method('/shop.Pricing/Quote')?.output).toBe('shop.Priced');
    expect(schema.message('shop.Priced')?.fields.get(1)?.name).toBe('sku');
    expect(schema.message('shop.More')?.name).toBe('shop.More');
  });

  it.each([
    ['that are not there', undefined, /gone\.pb cannot be read: .*ENOENT/],
    ['of nothing', new Uint8Array(), /gone\.pb is no FileDescriptorSet\.$/],
    ['that are text', Buffer.from('syntax = "proto3";'), /gone\.pb is no FileDescriptorSet\b/],
    ['cut off', compile(SHOP.replace(/google\.protobuf\.\w+/g, 'Line')).set.subarray(0, 100), /gone\.pb .*cut off/],
  ])('%s are named', (_what, bytes, said) => {
    const error = refusal(() => schemaFrom(['gone.pb', bytes]));
    expect(error).toBeInstanceOf(DaemonError);
    expect(error).toMatchObject({ code: 'bad-config', message: expect.stringMatching(said) });
  });

  it('without what they import are named: methods would have no messages', () => {
    const { set } = compile(
      'syntax = "proto3"; package a; service S { rpc Get(b.M) returns (b.M); } message Own {}',
      'syntax = "proto3"; package b; message M {}',
    );
    const alone = filesIn(set).filter((one) => Buffer.from(one).includes('Own'));
    const error = refusal(() => schemaFrom(['a.pb', Buffer.concat(alone.flatMap((one) => long(1, one)))]));
    expect(error).toMatchObject({
      message: expect.stringMatching(/a\.pb has no b\.M, which \/a\.S\/Get speaks\.$/),
      hint: expect.stringContaining('--include_imports'),
    });
  });
});
