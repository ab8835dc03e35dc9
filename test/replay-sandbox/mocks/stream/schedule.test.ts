import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Schedule } from '../../../../replay-sandbox/mocks/stream/schedule.ts';
import type { StreamKind, StreamMessage } from '../../../../src/wire/stream.ts';

const NOW = 1_000_000;

/** `c` and `s` at ms of the recording; upper case: keep-alives. */
function said(text: string): readonly StreamMessage[] {
  return text.split(' ').map((word) => {
    const [, who = 's', ms = '0'] = /^(\w)(\d+)$/.exec(word) ?? [];
    const kind: StreamKind = who === who.toUpperCase() ? 'ping' : 'text';
    return {
      side: who.toLowerCase() === 'c' ? 'client' : 'server',
      at: Number(ms),
      kind,
      bytes: Buffer.from(word),
      summary: word,
    };
  });
}

const schedule = (text: string, pace = 1) =>
  new Schedule(said(text), { plays: 'server', pace, recordedAt: 0, now: NOW });
const due = (one: Schedule): string | undefined => {
  const next = one.next();
  return next && `${next.message.summary} +${next.at - NOW}`;
};

describe('a schedule', () => {
  it('releases a frame behind everything the client had said before it, after its gap', () => {
    const one = schedule('c10 s30 s35 c50 s60');
    expect(due(one)).toBeUndefined();
    one.advance(NOW + 500);
    expect(due(one)).toBe('s30 +520');
    one.played(NOW + 520);
    expect(due(one)).toBe('s35 +525');
    one.played(NOW + 525);
    expect(due(one)).toBeUndefined();
    one.advance(NOW + 600);
    expect(due(one)).toBe('s60 +610');
    one.played(NOW + 610);
    expect([due(one), one.finished]).toEqual([undefined, true]);
  });

  it('has no gaps when it is fast, and counts what comes early', () => {
    const one = schedule('s5 c10 c20 s300', 0);
    one.advance(NOW + 1);
    one.advance(NOW + 2);
    expect(due(one)).toBe('s5 +0');
    one.played(NOW + 3);
    expect(due(one)).toBe('s300 +3');
  });

  it('waits for no keep-alive', () => {
    const one = schedule('C5 c6 C7 s10', 0);
    one.advance(NOW);
    expect(due(one)).toBe('s10 +0');
  });

  it('gives the rest to a client that sends nothing more', () => {
    const one = schedule('c1 s2 c3 c4 s5', 0);
    one.advance(NOW);
    one.played(NOW);
    one.release(NOW + 9);
    expect(due(one)).toBe('s5 +9');
  });

  it('plays everything once and in order, whatever comes when', () => {
    const frame = fc.record({ side: fc.constantFrom('c', 's'), gap: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 40 }), fc.array(fc.nat(9)), (frames, waits) => {
        let at = 0;
        const words = frames.map(({ side, gap }) => `${side}${(at += gap)}`);
        const one = schedule(words.join(' '));
        const played: string[] = [];
        let now = NOW;
        for (let step = 0; played.length < words.filter((word) => word.startsWith('s')).length; step += 1) {
          expect(step).toBeLessThan(200);
          now += waits[step % (waits.length || 1)] ?? 1;
          const next = one.next();
          if (next === undefined) one.advance(now);
          else {
            now = Math.max(now, next.at);
            played.push(next.message.summary);
            one.played(now);
          }
        }
        expect(played).toEqual(words.filter((word) => word.startsWith('s')));
      }),
    );
  });
});
