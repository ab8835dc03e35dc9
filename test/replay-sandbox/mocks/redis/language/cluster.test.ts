import { expect, it } from 'vitest';
import { clusterNodes } from '../../../../../replay-sandbox/mocks/redis/language/cluster.ts';
import { array, bulk, failure, integer } from '../../../../../replay-sandbox/mocks/redis/handshake.ts';
import { encodeBackend, type Backend } from '../../../../../src/wire/redis/backend.ts';
import { conversation } from '../../../../support/redis-wire.ts';
import { asks, recorded, said } from '../../../../support/redis-commands.ts';

const answers = recorded([said('GET somekey', '$1|x')]).concat(
  recorded([said('GET 123456789', '$1|y')], 2).map(({ command, source }) => ({
    command: { ...command, peer: { name: 'redis-1', port: 7001 } },
    source,
  })),
);
const nodes = clusterNodes(answers, [
  conversation([], { peer: { name: 'redis-1', port: 7001, address: '10.0.0.1:6379' } }),
]);

function shown(reply: Backend | undefined): string {
  return reply === undefined ? '' : Buffer.from(encodeBackend(reply, 2)).toString().replaceAll('\r\n', '|');
}

it('addresses of recorded servers become the names they were dialled by, others stay', () => {
  const get = asks('GET a');
  expect(shown(nodes.named(failure('MOVED 5 10.0.0.1:6379'), get))).toBe('-MOVED 5 redis-1:7001|');
  expect(shown(nodes.named(failure('ASK 5 10.0.0.2:6379'), get))).toBe('-ASK 5 10.0.0.2:6379|');
  expect(shown(nodes.named(bulk('10.0.0.1:6379'), get))).toBe('$13|10.0.0.1:6379|');
  const slots = array(array(integer(0), integer(5), array(bulk('10.0.0.1'), integer(6379), bulk('id'))));
  expect(shown(nodes.named(slots, asks('CLUSTER SLOTS')))).toBe('*1|*3|:0|:5|*3|$7|redis-1|:7001|$2|id|');
  const master = array(bulk('10.0.0.1'), bulk('6379'));
  expect(shown(nodes.named(master, asks('SENTINEL get-master-addr-by-name m')))).toBe('*2|$7|redis-1|$4|7001|');
});

it('slots are known by the keys that each server was asked for', () => {
  expect(shown(nodes.madeUp(asks('CLUSTER SLOTS')))).toMatch(
    /^\*2\|\*3\|:0\|:12738\|\*3\|\$10\|redis.shop\|:6379\|.*\|\*3\|:12739\|:16383\|\*3\|\$7\|redis-1\|:7001\|/,
  );
  expect(shown(nodes.madeUp(asks('CLUSTER INFO')))).toContain('cluster_state:ok');
  expect(nodes.madeUp(asks('CLUSTER NODES'))).toBeUndefined();
  expect(clusterNodes(answers.slice(0, 1), []).madeUp(asks('CLUSTER SLOTS'))).toBeUndefined();
});
