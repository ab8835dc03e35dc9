import { describe, expect, it } from 'vitest';
import type { LoopEvent } from '../../../src/api/contract/results.ts';
import { eventSeenBy } from '../../../src/api/events-seen.ts';
import type { Grant, Principal } from '../../../src/domain/access.ts';
import { loopId, loopSummary } from '../../support/transaction.ts';

const SHOP = { name: 'shop', services: ['shop', 'pricing'] };
const who = (...grants: readonly Grant[]): Principal => ({ name: 'anna', by: 'token', grants });

const ADMIN = who({ role: 'admin' });
const VIEWER = who({ role: 'viewer' });
const SHOPS_VIEWER = who({ role: 'viewer', tenants: [SHOP] });
const SHOPS_SUPPORT = who({ role: 'support', tenants: [SHOP] });

const loop = (services: readonly string[], purpose: 'failure' | 'capture' = 'failure'): LoopEvent => ({
  kind: 'loop-kept',
  loop: loopSummary(1, { service: services[0] ?? '', services, purpose }),
});
const DELETED: LoopEvent = { kind: 'loop-deleted', id: loopId(1) };
const COUNTED: LoopEvent = { kind: 'failures-counted', fingerprints: ['of-shop', 'of-bank', 'of-nobody'] };
const CAPTURED: LoopEvent = { kind: 'capture-changed', id: 'cap-1' };
const serviceOf = (fingerprint: string) => ({ 'of-shop': 'shop', 'of-bank': 'bank' })[fingerprint];

describe('an event', () => {
  it.each<[string, Principal, LoopEvent, LoopEvent | undefined]>([
    ['all of it, for whoever sees everything', VIEWER, loop(['shop', 'bank']), loop(['shop', 'bank'])],
    ['a loop of one’s own tenant', SHOPS_VIEWER, loop(['shop', 'pricing']), loop(['shop', 'pricing'])],
    ['no loop of another tenant', SHOPS_VIEWER, loop(['bank']), undefined],
    ['no loop of a capture for a viewer', VIEWER, loop(['shop'], 'capture'), undefined],
    ['a loop of a capture for support', SHOPS_SUPPORT, loop(['shop'], 'capture'), loop(['shop'], 'capture')],
    ['a deletion by its id', ADMIN, DELETED, DELETED],
    ['a deletion of what may be another’s', SHOPS_VIEWER, DELETED, { kind: 'missed' }],
    ['counts of everybody', VIEWER, COUNTED, COUNTED],
    ['counts of one’s own', SHOPS_VIEWER, COUNTED, { kind: 'failures-counted', fingerprints: ['of-shop'] }],
    ['no capture for a viewer', VIEWER, CAPTURED, undefined],
    ['no capture for support of a tenant', SHOPS_SUPPORT, CAPTURED, undefined],
    ['a capture for support', who({ role: 'support' }), CAPTURED, CAPTURED],
    ['nothing for nobody', who(), loop(['shop']), undefined],
  ])('%s', (_what, principal, event, seen) => {
    expect(eventSeenBy(principal, event, { serviceOf })).toEqual(seen);
  });

  it('of a loop that touches another tenant tells nothing of it', () => {
    const seen = eventSeenBy(SHOPS_VIEWER, loop(['shop', 'bank']), {});
    expect(JSON.stringify(seen)).toMatch(/"shop"/);
    expect(JSON.stringify(seen)).not.toMatch(/bank/);
  });
});
