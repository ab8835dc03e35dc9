import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bytes, Command } from '../../../../src/domain/conversation.ts';
import { postgres } from '../../../../src/wire/postgres/protocol.ts';
import { conversationOf, postgresCaptures } from '../../../support/postgres-captures.ts';

const captures = postgresCaptures();

/** Everything but the times. */
function told(commands: readonly Command[]): readonly unknown[] {
  return commands.map(({ summary, request, response, error, parameters, rows }) => ({
    summary,
    request: request.map(hex),
    response: response.map(hex),
    error,
    parameters,
    rows,
  }));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function byteByByte(chunks: readonly Bytes[]): readonly Bytes[] {
  return chunks.flatMap((chunk) => Array.from(chunk.bytes, (byte) => ({ ...chunk, bytes: Uint8Array.of(byte) })));
}

describe.each(captures)('%s', (_, capture) => {
  const whole = told(postgres.decodeCommands(capture));

  it('is understood from its first to its last byte', () => {
    expect(whole.length).toBeGreaterThan(0);
    const summaries = postgres.decodeCommands(capture).map(({ summary }) => summary);
    expect(summaries.filter((summary) => summary.startsWith('(a statement prepared'))).toEqual([]);
  });

  it('byte by byte says the same', () => {
    expect(told(postgres.decodeCommands({ ...capture, bytes: byteByByte(capture.bytes) }))).toEqual(whole);
  });

  it('with the beginning of another message behind it says the same', () => {
    for (const side of ['client', 'server'] as const) {
      const trailing = { side, at: capture.endedAt, bytes: Buffer.from('\u0051\0\0', 'latin1'), openInbound: 1 };
      const more = told(postgres.decodeCommands({ ...capture, bytes: [...capture.bytes, trailing] }));
      expect(more).toEqual(whole);
    }
  });

  it('can be decoded from every anchor, with the state that is stated there', () => {
    const tracker = postgres.createTracker();
    capture.bytes.forEach((chunk, index) => {
      const state = tracker.state();
      if (!tracker.bytes(chunk.side, chunk.bytes) || index % 5 !== 0) return;
      const rest = {
        ...capture,
        state: state.map((stated) => ({ ...stated, at: 0, openInbound: 0 })),
        bytes: capture.bytes.slice(index),
      };
      const commands = told(postgres.decodeCommands(rest));
      const summaries = (all: readonly unknown[]) => all.map((command) => (command as Command).summary);
      expect(summaries(whole).slice(whole.length - commands.length)).toEqual(summaries(commands));
    });
  });
});

describe('captures that somebody has bent', () => {
  const bent = fc.record({
    capture: fc.constantFrom(...captures.map(([, capture]) => capture)),
    at: fc.nat(),
    offset: fc.nat(),
    patch: fc.uint8Array({ maxLength: 6 }),
    cut: fc.nat({ max: 8 }),
    midway: fc.boolean(),
  });

  it('never throw, and give no more than was there', () => {
    fc.assert(
      fc.property(bent, ({ capture, at, offset, patch, cut, midway }) => {
        const index = at % capture.bytes.length;
        const chunks = capture.bytes.slice(midway ? index : 0).map((chunk, place) => {
          if (place !== (midway ? 0 : index)) return chunk;
          const from = offset % (chunk.bytes.length + 1);
          const bytes = Buffer.concat([chunk.bytes.subarray(0, from), patch, chunk.bytes.subarray(from + cut)]);
          return { ...chunk, bytes };
        });
        const tracker = postgres.createTracker();
        const anchored = chunks.map((chunk) => ({ ...chunk, anchor: tracker.bytes(chunk.side, chunk.bytes) }));
        const stated = tracker.state().reduce((sum, { bytes }) => sum + bytes.length, 0);
        expect(stated).toBeLessThan(600_000);
        const commands = postgres.decodeCommands(conversationOf(anchored));
        expect(commands.length).toBeLessThan(400);
        for (const command of commands) {
          postgres.asked?.(command);
          postgres.answered?.(command);
        }
      }),
      { numRuns: Number(process.env['LOOP_FUZZ_RUNS'] ?? 500) },
    );
  });
});
