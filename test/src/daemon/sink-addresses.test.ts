import { expect, it } from 'vitest';
import { readConfig } from '../../../src/daemon/config.ts';
import { sinkAddresses } from '../../../src/daemon/sink-addresses.ts';

type Sink = NonNullable<Parameters<typeof readConfig>[1]['sink']>;

function listening(sink: Sink, workers = 1): readonly string[] {
  const config = readConfig(undefined, { data: '/data', sink });
  const recorder = { ...config.recorder, workers };
  return sinkAddresses({ ...config, recorder }, '/data/sink.sock').map(({ shard, address }) =>
    address.kind === 'unix' ? `${String(shard)} ${address.path}` : `${String(shard)} ${String(address.port)}`,
  );
}

it('one worker listens on one port and one socket', () => {
  expect(listening({})).toEqual(['0 5678', '0 /data/sink.sock']);
  expect(listening({ socket: '' })).toEqual(['0 5678']);
});

it('several listen on sixteen sockets, whatever their number', () => {
  const sockets = listening({}, 2);
  expect(sockets).toHaveLength(17);
  expect(sockets.slice(0, 3)).toEqual(['0 5678', '0 /data/sink.sock', '1 /data/sink-1.sock']);
  expect(listening({}, 3)).toEqual(sockets);
  expect(listening({ shards: true })).toEqual(sockets);
});

it('ports in a row are asked for', () => {
  const ports = listening({ socket: '', shardPort: 5700 }, 2);
  expect(ports).toEqual(['0 5678', ...Array.from({ length: 16 }, (_, shard) => `${shard} ${5700 + shard}`)]);
  expect(listening({ socket: '', shardPort: 0 }).slice(-1)).toEqual(['15 0']);
});
