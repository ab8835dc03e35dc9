import { describe, expect, test } from 'vitest';
import { discoveryType, envoyAddress, parseAddress, shardAddress } from '../../../src/envoy-config/address.ts';

describe('an address', () => {
  test.each([
    ['127.0.0.1:5678', { kind: 'socket', host: '127.0.0.1', port: 5678 }, 'STATIC'],
    ['[::1]:5678', { kind: 'socket', host: '::1', port: 5678 }, 'STATIC'],
    ['loopd.loop.svc:5678', { kind: 'socket', host: 'loopd.loop.svc', port: 5678 }, 'STRICT_DNS'],
    ['unix:/run/loop/sink.sock', { kind: 'unix', path: '/run/loop/sink.sock' }, 'STATIC'],
  ] as const)('%s', (text, address, type) => {
    expect(parseAddress(text)).toEqual(address);
    expect(discoveryType(parseAddress(text))).toBe(type);
  });

  test.each(['', 'localhost', ':5678', 'a b:1', 'host:0', 'host:65536', 'host:99999', 'unix:relative', '::1:5678'])(
    '"%s" is none',
    (text) => {
      expect(() => parseAddress(text)).toThrow(`"${text}" is no address`);
    },
  );

  test.each([
    ['unix:/run/loop/sink.sock', 0, { kind: 'unix', path: '/run/loop/sink.sock' }],
    ['unix:/run/loop/sink.sock', 15, { kind: 'unix', path: '/run/loop/sink-15.sock' }],
    ['loopd.loop.svc:5700', 3, { kind: 'socket', host: 'loopd.loop.svc', port: 5703 }],
  ] as const)('%s, shard %i', (text, shard, address) => {
    expect(shardAddress(parseAddress(text), shard)).toEqual(address);
  });

  test('there are sixteen shards, and not behind the last port', () => {
    const sink = parseAddress('127.0.0.1:65530');
    for (const shard of [-1, 1.5, 16, Number.NaN]) expect(() => shardAddress(sink, shard)).toThrow('no shard');
    expect(() => shardAddress(sink, 6)).toThrow('there is no port 65536');
  });

  test('in the words of Envoy', () => {
    expect(envoyAddress(parseAddress('[::1]:80'))).toEqual({ socket_address: { address: '::1', port_value: 80 } });
    expect(envoyAddress(parseAddress('unix:/s'))).toEqual({ pipe: { path: '/s' } });
  });
});
