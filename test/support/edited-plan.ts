/** A plan with one call of each protocol that can be edited. */
import type { ReplayPlan } from '../../replay-sandbox/plan/plan.ts';
import { encodeGrpcFrame } from '../../src/wire/grpc/framing.ts';
import { column, columns, complete, row } from './postgres-wire.ts';
import { queried, recorded as statements } from './postgres-commands.ts';
import { recorded as commands, said } from './redis-commands.ts';
import { exchange, headers, message } from './transaction.ts';

const asked = (path: string, type: string) =>
  message({ ':method': 'POST', ':path': path, ':authority': 'shop:8080', 'content-type': type });

const HTTP = exchange(2, {
  peer: { name: 'pricing', port: 8080 },
  request: asked('/prices', 'application/json'),
  response: message({ ':status': '200', 'content-type': 'application/json' }, '{"price":12,"lines":[{"sku":"A"}]}'),
});
const GRPC = exchange(3, {
  peer: { name: 'desk', port: 9090 },
  request: asked('/shop.Desk/Ask', 'application/grpc'),
  response: message(
    { ':status': '200', 'content-type': 'application/grpc' },
    encodeGrpcFrame({ compressed: false, bytes: Buffer.from('answer') }),
    { trailers: headers({ 'grpc-status': '0' }) },
  ),
});
const SELECT = queried(
  'SELECT sku, price_cents FROM products',
  columns(column('sku'), column('price_cents')),
  row('A', '100'),
  row('B', '200'),
  complete('SELECT 2'),
);

export const PLAN: ReplayPlan = {
  service: 'shop',
  trigger: exchange(1),
  alternatives: [],
  http: [
    { exchange: HTTP, source: 'loop' },
    { exchange: GRPC, source: 'loop' },
    { exchange: { ...HTTP, id: exchange(4).id }, source: 'ambient' },
  ],
  commands: [
    ...statements(queried('BEGIN', complete('BEGIN'))),
    ...statements(SELECT, 2),
    ...commands([said('GET terms', '$1|7')], 3),
  ],
  conversations: [],
};
