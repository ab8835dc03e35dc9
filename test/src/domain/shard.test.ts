import { describe, expect, it } from 'vitest';
import { SHARDS, shardOf, shardPath } from '../../../src/domain/shard.ts';

describe('shards', () => {
  it('are told by service and instance, the same everywhere and for ever', () => {
    expect(shardOf('orders', 'orders-1')).toBe(shardOf('orders', 'orders-1'));
    expect([shardOf('orders', 'orders-1'), shardOf('orders', undefined), shardOf('pricing', 'pricing-7f9c')]).toEqual([
      1, 3, 15,
    ]);
  });

  it('share out instances whose names differ in a digit', () => {
    const counts = Array.from({ length: SHARDS }, () => 0);
    for (let index = 0; index < 1600; index += 1) {
      const shard = shardOf('orders', `orders-${String(index)}`);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(140);
  });

  it('have a number in the name of their socket, but for the first', () => {
    expect(shardPath('/run/loop/sink.sock', 0)).toBe('/run/loop/sink.sock');
    expect(shardPath('/run/loop/sink.sock', 13)).toBe('/run/loop/sink-13.sock');
    expect(shardPath('/run/loop.d/sink', 2)).toBe('/run/loop.d/sink-2');
  });
});
