import { describe, expect, it } from 'vitest';
import { asSeenBy } from '../../../../src/api/tenants/as-seen-by.ts';
import type { Grant, Principal, Role } from '../../../../src/domain/access.ts';
import type { FingerprintSummary } from '../../../../src/domain/fingerprint.ts';
import type { LoopSummary } from '../../../../src/domain/loop.ts';
import { loopViewSchema, type LoopView } from '../../../../src/seal/view-schema.ts';
import { fingerprint, loopSummary, stream } from '../../../support/transaction.ts';

/** Stands wherever something of the service `theirs` does. */
const MARK = 'THEIRS';

const summary: LoopSummary = loopSummary(1, {
  service: 'theirs',
  method: `GET ${MARK}`,
  path: `/${MARK}`,
  status: 599,
  services: ['ours', 'theirs'],
  versions: ['ours@1.0.0', `theirs@${MARK}`],
  origin: { service: 'theirs', exchange: stream(1), kind: MARK, summary: MARK, certainty: 0.8 },
  fingerprint: fingerprint(7),
  holes: [`theirs: ${MARK} is missing`],
});

const message = (said: string) => ({
  headers: [{ name: said, value: said }],
  body: { kind: 'text' as const, bytes: 3, contentType: said, text: said, truncated: false },
  trailers: [{ name: said, value: said }],
  startedAt: 1,
  endedAt: 2,
  complete: true,
});

function exchangeOf(service: string, number: number, said: string): LoopView['exchanges'][number] {
  return {
    id: stream(number),
    vantage: { service, instance: `${service} ${said}`, version: said, direction: 'inbound' },
    peer: { name: said, port: 1, address: said },
    protocol: said,
    method: said,
    path: said,
    status: 599,
    flags: [said],
    details: said,
    startedAt: 1,
    endedAt: 2,
    end: said,
    request: message(said),
    response: message(said),
    gaps: [{ side: 'client', reason: said, bytes: 1 }],
    attemptCount: 2,
    attempts: [
      { id: said, number: 1, address: said, headers: [{ name: said, value: said }], startedAt: 1, endedAt: 2 },
    ],
  };
}

function commandOf(service: string, number: number, said: string): LoopView['commands'][number] {
  return {
    id: `command ${said} ${number}`,
    exchange: stream(number),
    attribution: 'exclusive',
    conversation: said,
    vantage: { service, instance: said, direction: 'outbound' },
    peer: { name: said },
    protocol: said,
    summary: said,
    parameters: [said, null],
    startedAt: 1,
    endedAt: 2,
    error: { code: said, message: said },
    pushed: [{ at: 1, channel: said, text: said }],
    notices: [said],
  };
}

const flow = (said: string) => ({ certainty: 0.7, evidence: [said] });

const view: LoopView = {
  version: 1,
  id: summary.id,
  transaction: summary.transaction,
  entry: stream(1),
  outcome: 'failed',
  fingerprint: fingerprint(7),
  exchanges: [
    exchangeOf('theirs', 1, MARK),
    { ...exchangeOf('ours', 2, 'mine'), parent: { exchange: stream(1), confidence: 'inferred', flow: flow(MARK) } },
    { ...exchangeOf('ours', 3, 'mine'), parent: { exchange: stream(2), confidence: 'inferred', flow: flow('mine') } },
    { ...exchangeOf('theirs', 4, MARK), parent: { exchange: stream(3), confidence: 'inferred', flow: flow(MARK) } },
  ],
  // A command of ours that is attributed to an exchange of theirs, and the other way round, are nobody's.
  commands: [
    commandOf('theirs', 1, MARK),
    commandOf('ours', 2, 'mine'),
    commandOf('theirs', 2, MARK),
    commandOf('ours', 4, MARK),
  ],
  conversations: [
    {
      id: 'c1',
      vantage: { service: 'theirs', instance: MARK, direction: 'outbound' },
      peer: { name: MARK },
      protocol: MARK,
      startedAt: 1,
      endedAt: 2,
      bytes: 3,
      refused: MARK,
      gaps: [],
    },
  ],
  failures: [
    {
      exchange: stream(1),
      role: 'origin',
      kind: MARK,
      summary: MARK,
      command: { id: MARK, protocol: MARK, code: MARK },
    },
    { exchange: stream(2), role: 'victim', kind: 'status', summary: 'mine' },
  ],
  holes: [
    { where: stream(1), what: MARK },
    { where: stream(2), what: 'mine is missing' },
    { where: 'transaction', what: MARK },
    { where: 'c1', what: MARK },
  ],
};

function somebody(...grants: readonly (readonly [Role, ...string[]])[]): Principal {
  return {
    name: 'somebody',
    by: 'session',
    grants: grants.map(([role, ...services]): Grant =>
      services.length === 0 ? { role } : { role, tenants: [{ name: services.join(), services }] },
    ),
  };
}

const OURS = somebody(['viewer', 'our*']);

describe('asSeenBy', () => {
  it('leaves everything to whoever may see everywhere', () => {
    const seen = asSeenBy(somebody(['viewer']));
    expect(seen.summary(summary)).toBe(summary);
    expect(seen.view(summary, view)).toBe(view);
    expect(seen.within('read')).toBeUndefined();
    // The control of what follows: unmasked, the mark is everywhere.
    expect(JSON.stringify(view).split(MARK).length).toBeGreaterThan(60);
  });

  it('shows of a loop that crosses tenants nothing of what the others said', () => {
    const seen = asSeenBy(OURS);
    const masked = seen.summary(summary);
    const shown = seen.view(summary, view);
    expect(JSON.stringify([masked, shown])).not.toContain(MARK);
    expect(JSON.stringify([masked, shown])).not.toContain('theirs');
    expect(JSON.stringify([masked, shown])).not.toContain('599"');
    expect(JSON.stringify(masked)).not.toContain(fingerprint(7));
    expect(JSON.stringify(shown)).not.toContain(fingerprint(7));
    expect(masked).toMatchObject({ id: summary.id, service: '(hidden)', services: ['ours'], versions: ['ours@1.0.0'] });
    expect(masked).not.toHaveProperty('status');
    expect(loopViewSchema.safeParse(shown).success).toBe(true);
  });

  it('keeps the places of the others in the tree, and all of what is its own', () => {
    const shown = asSeenBy(OURS).view(summary, view);
    expect(shown.exchanges.map(({ id, parent }) => [id, parent?.exchange])).toEqual([
      [stream(1), undefined],
      [stream(2), stream(1)],
      [stream(3), stream(2)],
      [stream(4), stream(3)],
    ]);
    expect(shown.exchanges[2]).toEqual(view.exchanges[2]);
    expect(shown.exchanges[0]).not.toHaveProperty('status');
    expect(shown.commands).toEqual([view.commands[1]]);
    expect(shown.conversations).toEqual([]);
    expect(shown.failures.map(({ role }) => role)).toEqual(['origin', 'victim']);
    expect(shown.holes.map(({ what }) => what)).toEqual([
      'mine is missing',
      expect.stringMatching(/^Something is missing/) as string,
    ]);
  });

  it('knows nothing of a loop in which no service is theirs', () => {
    expect(asSeenBy(somebody(['viewer', 'other'])).summary(summary)).toBeUndefined();
    expect(asSeenBy(somebody(['admin', 'other'])).summary(summary)).toBeUndefined();
    expect(asSeenBy(somebody()).summary(summary)).toBeUndefined();
    expect(asSeenBy(somebody(['viewer', 'theirs'])).summary(summary)).toBeDefined();
  });

  it('shows what a capture took only with the permission for timelines, and there', () => {
    const captured = { ...summary, purpose: 'capture' as const };
    expect(asSeenBy(somebody(['viewer'])).summary(captured)).toBeUndefined();
    expect(asSeenBy(somebody(['support'])).summary(captured)).toBe(captured);
    expect(asSeenBy(somebody(['viewer'], ['support', 'other'])).summary(captured)).toBeUndefined();
    const masked = asSeenBy(somebody(['viewer'], ['support', 'ours'])).summary(captured);
    expect(JSON.stringify(masked)).not.toContain(MARK);
    expect(asSeenBy(somebody(['viewer'], ['support', 'ours']), 'timeline').summary(summary)).toEqual(
      masked && { ...masked, purpose: 'failure' },
    );
  });

  it('opens, exports and deletes only where every service is theirs, in the role that may', () => {
    const at = (...grants: readonly (readonly [Role, ...string[]])[]) =>
      asSeenBy(somebody(...grants)).holdsAt('open', summary);
    expect(at(['debugger'])).toBe(true);
    expect(at(['debugger', 'ours', 'theirs'])).toBe(true);
    expect(at(['debugger', 'ours'], ['debugger', 'theirs'])).toBe(true);
    expect(at(['debugger', 'ours'])).toBe(false);
    expect(at(['debugger', 'ours'], ['viewer'])).toBe(false);
  });

  it('counts failures of their own services, and versions of these', () => {
    const counted = {
      fingerprint: fingerprint(7),
      service: 'ours',
      versions: [
        { version: 'ours@1', seen: 2 },
        { version: `theirs@${MARK}`, seen: 1 },
      ],
    } as unknown as FingerprintSummary;
    expect(asSeenBy(OURS).fingerprint(counted)?.versions).toEqual([{ version: 'ours@1', seen: 2 }]);
    expect(asSeenBy(OURS).fingerprint({ ...counted, service: 'theirs' })).toBeUndefined();
    expect(asSeenBy(OURS).within('read')).toEqual(['our*']);
    expect(asSeenBy(OURS).within('timeline')).toEqual([]);
  });

  it('does not show a view that it cannot mask', () => {
    expect(asSeenBy(OURS).viewText(summary, '{"version":99}')).toBeUndefined();
    expect(asSeenBy(somebody(['viewer'])).viewText(summary, '{"version":99}')).toBe('{"version":99}');
  });
});
