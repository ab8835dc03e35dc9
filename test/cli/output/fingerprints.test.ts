import { describe, expect, it } from 'vitest';
import { FINGERPRINT_COLUMNS, seenLine, seenText } from '../../../cli/output/fingerprints.ts';
import type { FingerprintSummary } from '../../../src/domain/fingerprint.ts';
import { fingerprint, loopId, T0 } from '../../support/transaction.ts';

function counted(more: Partial<FingerprintSummary> = {}): FingerprintSummary {
  return {
    fingerprint: fingerprint(0xfee),
    firstSeenAt: T0,
    lastSeenAt: T0 + 90_000,
    seen: 20_000,
    unread: 0,
    guessed: 0,
    kept: 20,
    newest: loopId(7),
    service: 'pricing',
    method: 'GET',
    route: '/price/*',
    kind: 'status',
    summary: '500 Internal Server Error',
    versions: [
      { version: 'pricing@1.2.0', seen: 19_998 },
      { version: 'pricing@1.3.0', seen: 2 },
    ],
    users: 17,
    moreUsers: false,
    hours: [],
    ...more,
  };
}

describe('how often a failure was seen', () => {
  it('is one line of a loop: since when, by whom, in which versions', () => {
    expect(seenLine(counted())).toBe(
      'seen 20,000 times since 2026-01-02 03:04:05, by 17 users, versions pricing@1.2.0 (19,998), pricing@1.3.0 (2)',
    );
    expect(seenLine(counted({ seen: 1, users: 0, versions: [] }))).toBe('seen 1 time since 2026-01-02 03:04:05');
    expect(seenLine(counted({ users: 1, versions: [] }))).toMatch(/, by 1 user$/);
  });

  it('says what is not known exactly: users that nobody looked at, more than are counted, and guesses', () => {
    expect(seenLine(counted({ unread: 1 }))).toMatch(/^seen 20,000 times since .*, by at least 17 users, /);
    expect(seenLine(counted({ users: 1000, moreUsers: true, unread: 1 }))).toMatch(/, by 1,000\+ users, /);
    expect(seenLine(counted({ unread: 9, guessed: 9 }))).toMatch(/^seen about 20,000 times /);
    expect([seenText(counted()), seenText(counted({ guessed: 9 }))]).toEqual(['×20,000', '~×20,000']);
  });

  it('names a few versions, and how many more there are', () => {
    const versions = [1, 2, 3, 4, 5].map((number) => ({ version: `pricing@${number}`, seen: 1 }));
    expect(seenLine(counted({ versions }))).toMatch(
      /versions pricing@1 \(1\), pricing@2 \(1\), pricing@3 \(1\), 2 more$/,
    );
    expect(seenLine(counted({ versions: [{ version: 'pricing@\u001b[31m', seen: 1 }] }))).not.toContain('\u001b');
  });
});

it('a row of the listing has a column for each of it', () => {
  const row = (one: FingerprintSummary) => FINGERPRINT_COLUMNS.map(({ text }) => text(one));
  expect(row(counted({ unread: 5 }))).toEqual([
    fingerprint(0xfee),
    '2026-01-02 03:05:35',
    '×20,000',
    '20',
    '17+',
    'pricing',
    'GET /price/*',
    '500 Internal Server Error',
    loopId(7),
    '2026-01-02 03:04:05',
    'status',
    'pricing@1.2.0 (19,998), pricing@1.3.0 (2)',
  ]);
  const { newest: _newest, ...without } = counted({ users: 0 });
  expect(row(without)).toEqual(expect.arrayContaining(['-']));
});
