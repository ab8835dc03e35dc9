import { describe, expect, it } from 'vitest';
import { planReplay } from '../../../replay-sandbox/plan/plan.ts';
import type { Recording } from '../../../replay-sandbox/plan/plan.ts';
import type { Conversation } from '../../../src/domain/conversation.ts';
import type { Link } from '../../../src/domain/transaction.ts';
import { queried } from '../../support/postgres-commands.ts';
import { column, columns, conversation, handshake, row } from '../../support/postgres-wire.ts';
import {
  attributed,
  command,
  exchange,
  failed,
  message,
  stream,
  transaction,
  vantage,
} from '../../support/transaction.ts';

const link = (parent: number, child: number): Link => ({
  parent: stream(parent),
  child: stream(child),
  confidence: 'context',
});
const at = (number: number, service: string, direction: 'inbound' | 'outbound', path: string) =>
  exchange(number, { vantage: vantage(service, direction), request: message({ ':method': 'GET', ':path': path }) });

/** gateway(1) → orders(3), which calls pricing(5) twice; then gateway calls orders again (7), which calls stock(8). */
const EXCHANGES = [
  at(1, 'gateway', 'inbound', '/buy'),
  at(2, 'gateway', 'outbound', '/orders'),
  at(3, 'orders', 'inbound', '/orders'),
  at(4, 'orders', 'outbound', '/price'),
  at(5, 'pricing', 'inbound', '/price'),
  at(6, 'gateway', 'outbound', '/receipt'),
  at(7, 'orders', 'inbound', '/receipt'),
  at(8, 'orders', 'outbound', '/stock'),
];
const LINKS = [link(1, 2), link(2, 3), link(3, 4), link(4, 5), link(1, 6), link(6, 7), link(7, 8)];

function recording(more: Partial<Recording> = {}): Recording {
  return { transaction: transaction({ exchanges: EXCHANGES, links: LINKS }), ambient: [], exemplars: [], ...more };
}

const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => Number(id.split('.')[1]));

describe('the trigger', () => {
  it('is what the origin was asked', () => {
    expect(planReplay(recording({ origin: failed(5) }), {})).toMatchObject({
      service: 'pricing',
      trigger: { id: stream(5) },
    });
  });

  it('of an origin that is a call that never arrived, what its caller was asked', () => {
    expect(planReplay(recording({ origin: failed(8) }), {})).toMatchObject({
      service: 'orders',
      trigger: { id: stream(7) },
    });
  });

  it('without an origin is the entry', () => {
    expect(planReplay(recording(), {})).toMatchObject({ service: 'gateway', trigger: { id: stream(1) } });
  });

  it('of another service, when one is named: its first, and the others are named', () => {
    const plan = planReplay(recording({ origin: failed(5) }), { service: 'orders' });
    expect(plan.trigger.id).toBe(stream(3));
    expect(idsOf(plan.alternatives)).toEqual([7]);
    const suggested = planReplay(recording({ origin: failed(8) }), { service: 'orders' });
    expect(suggested.trigger.id).toBe(stream(7));
    expect(idsOf(suggested.alternatives)).toEqual([3]);
  });

  it('that is not there: what is', () => {
    expect(() => planReplay(recording(), { service: 'stock' })).toThrow(
      expect.objectContaining({
        code: 'no-trigger',
        hint: '--service gateway or --service orders or --service pricing',
      }),
    );
    const empty = recording({ transaction: transaction({ exchanges: [] }) });
    expect(() => planReplay(empty, {})).toThrow(
      expect.objectContaining({ hint: 'It holds no inbound exchange at all.' }),
    );
  });
});

describe('the answers', () => {
  it('are the service’s own calls, those under the trigger before others', () => {
    const { http } = planReplay(recording(), { service: 'orders' });
    expect(http.map(({ exchange: { id }, source }) => [Number(id.split('.')[1]), source])).toEqual([
      [4, 'loop'],
      [8, 'elsewhere'],
    ]);
  });

  it('behind a placement by what flows may be another request’s', () => {
    const flow = { certainty: 0.9, evidence: ['order'] };
    const links = LINKS.map((one) => (one.child === stream(4) ? { ...one, confidence: 'flow' as const, flow } : one));
    const placed = recording({ transaction: transaction({ exchanges: EXCHANGES, links }) });
    const sources = planReplay(placed, { service: 'orders' }).http.map(({ source }) => source);
    expect(sources).toEqual(['candidate', 'elsewhere']);
    // Of what hangs certainly under the trigger itself it does not matter how the trigger was placed.
    expect(planReplay(placed, { service: 'pricing' }).http).toEqual([]);
  });

  it('then its start-up traffic and its exemplars, of nobody else', () => {
    const ambient = transaction({
      exchanges: [at(20, 'orders', 'outbound', '/keys'), at(21, 'pricing', 'outbound', '/keys')],
    });
    const exemplar = transaction({
      exchanges: [at(30, 'orders', 'inbound', '/orders'), at(31, 'orders', 'outbound', '/price')],
    });
    const { http } = planReplay(recording({ ambient: [ambient], exemplars: [exemplar] }), { service: 'orders' });
    expect(http.slice(2).map(({ exchange: { id }, source }) => [Number(id.split('.')[1]), source])).toEqual([
      [20, 'ambient'],
      [31, 'exemplar'],
    ]);
  });

  it('of databases say how sure it is whose they are', () => {
    const own = { vantage: vantage('orders', 'outbound') };
    const commands = [
      attributed(command(1, own), stream(3)),
      attributed(command(2, own), stream(7)),
      attributed(command(3, own), stream(3), 'candidate'),
      attributed(command(4, { vantage: vantage('pricing', 'outbound') }), stream(5)),
    ];
    const plan = planReplay(recording({ transaction: transaction({ exchanges: EXCHANGES, links: LINKS, commands }) }), {
      service: 'orders',
    });
    expect(plan.commands.map((one) => one.source)).toEqual(['loop', 'elsewhere', 'candidate']);
  });

  it('of databases begin with what a new connection asked before any request came', () => {
    const asked = (service: string): Conversation => ({
      ...conversation([
        ...handshake,
        ...queried('show transaction isolation level', columns(column('level')), row('x')),
      ]),
      vantage: vantage(service, 'outbound'),
    });
    const ambient = transaction({ exchanges: [], conversations: [asked('orders'), asked('pricing')] });
    const { commands } = planReplay(recording({ ambient: [ambient] }), { service: 'orders' });
    expect(commands.map(({ command: { summary }, source }) => [summary, source])).toEqual([
      ['show transaction isolation level', 'ambient'],
    ]);
  });
});
