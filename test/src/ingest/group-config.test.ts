import { expect, it } from 'vitest';
import { addressesOf, configOf } from '../../../src/ingest/group-config.ts';
import type { ShardAddress } from '../../../src/ingest/group-config.ts';
import type { ListenAddress } from '../../../src/ingest/transport.ts';

const MIB = 1024 * 1024;

function socket(shard: number): ShardAddress {
  return { shard, address: { kind: 'unix', path: `/run/sink-${String(shard)}.sock` } };
}

const pathsOf = (listen: readonly ListenAddress[]) => listen.map((one) => (one.kind === 'unix' ? one.path : one.port));

it('a shard is one worker’s, whatever it is listened on', () => {
  const tcp: ShardAddress = { shard: 3, address: { kind: 'tcp', host: '127.0.0.1', port: 5703 } };
  const config = { workers: 2, listen: [socket(0), socket(1), socket(2), socket(3), tcp] };
  expect(pathsOf(configOf(config, 0).listen)).toEqual(['/run/sink-0.sock', '/run/sink-2.sock']);
  expect(pathsOf(configOf(config, 1).listen)).toEqual(['/run/sink-1.sock', '/run/sink-3.sock', 5703]);
});

it('memory is for all together, what one transaction may have for each', () => {
  const config = { workers: 4, listen: [], recorder: { ringBytes: 64 * MIB, bodyBytes: MIB } };
  expect(configOf(config, 2).recorder).toMatchObject({
    ringBytes: 16 * MIB,
    indexBytes: 12 * MIB,
    pinnedBytes: 4 * MIB,
    bodyBytes: MIB,
    transactionBytes: 32 * MIB,
  });
  expect(configOf({ ...config, workers: 1 }, 0).recorder).toEqual(config.recorder);
  expect(configOf(config, 2).limits).toMatchObject({ messageBytes: 8 * MIB, unfinishedBytes: 32 * MIB });
  expect(configOf({ ...config, workers: 32 }, 2).limits).toMatchObject({ unfinishedBytes: 8 * MIB });
  expect(configOf({ ...config, workers: 1 }, 0).limits).toBeUndefined();
});

it('addresses are told in the order they were asked for', () => {
  const listen = [socket(0), socket(1), socket(2), socket(3)];
  const bound = [0, 1].map((worker) => configOf({ workers: 2, listen }, worker).listen);
  expect(addressesOf({ workers: 2, listen }, bound)).toEqual(listen.map(({ address }) => address));
});
