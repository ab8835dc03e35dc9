// A small part of `npm run fuzz`, always the same: what a hostile peer sends harms nobody. Seeds that once broke something belong here.
import { expect, test } from 'vitest';
import { capturedProtocols } from '../support/fuzz/conversations.ts';
import { fuzzLoopFiles } from '../support/fuzz/loop-files.ts';
import { Random } from '../support/fuzz/random.ts';
import { fuzzReceive } from '../support/fuzz/receive.ts';
import { besiege } from '../support/fuzz/siege.ts';
import { fuzzSink } from '../support/fuzz/sink.ts';

/** 16 s of one core where nothing else runs. */
const PATIENCE_MS = 300_000;
const NOTHING_LEFT = { streams: 0, transactions: 0, instances: 0, pinnedBytes: 0, inFlight: 0 };

test(
  '20,000 messages, mutated and out of order: nothing throws, everything has one fate, nothing stays behind',
  { timeout: PATIENCE_MS },
  async () => {
    const { thrown, exact, counted, fates, left, outcomes } = await fuzzSink({ seed: 20, messages: 20_000 });
    expect(thrown).toEqual({});
    expect(exact).toBe(true);
    expect(fates.received).toEqual(counted);
    expect(left).toEqual(NOTHING_LEFT);
    expect(Object.keys(outcomes)).toEqual(
      expect.arrayContaining(['part failure', 'part exemplar', 'part ambient', 'answered']),
    );
  },
);

test('the same with a ring, an index and budgets that are always full', async () => {
  const limits = {
    ringBytes: 256 * 1024,
    indexBytes: 200_000,
    pinnedBytes: 32 * 1024,
    transactionBytes: 64 * 1024,
    bodyBytes: 8 * 1024,
    logWaitBytes: 4096,
  };
  const { thrown, exact, left } = await fuzzSink({ seed: 21, messages: 10_000, limits });
  expect(thrown).toEqual({});
  expect(exact).toBe(true);
  expect(left).toEqual(NOTHING_LEFT);
});

test.each(capturedProtocols())(
  'real conversations of %s, bent: nothing throws, everything has one fate, nothing stays behind',
  { timeout: PATIENCE_MS },
  async (protocol) => {
    const { thrown, exact, counted, fates, left, outcomes, mutations } = await fuzzSink({
      seed: 24,
      messages: 40_000,
      protocol,
    });
    expect(thrown).toEqual({});
    expect(exact).toBe(true);
    expect(fates.received).toEqual(counted);
    expect(left).toEqual(NOTHING_LEFT);
    expect(outcomes['part failure']).toBeGreaterThan(2);
    expect(mutations).toBeGreaterThan(300);
  },
);

test(
  'connections of a real Envoy, bent, and any bytes: heard alike however they are cut, or refused by a code',
  { timeout: PATIENCE_MS },
  () => {
    const { thrown, outcomes } = fuzzReceive(new Random(25), 400);
    expect(thrown).toEqual({});
    expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['open', 'code 1', 'code 6', 'code 9']));
  },
);

test('500 loop files: opened, or refused with a reason', async () => {
  const { thrown, outcomes } = await fuzzLoopFiles(new Random(22), 500);
  expect(thrown).toEqual({});
  expect(outcomes['opened']).toBeGreaterThan(100);
});

test(
  'attacks on the wire: a healthy sidecar beside them is recorded, and nothing of them stays open',
  { timeout: PATIENCE_MS },
  async () => {
    const only = [
      'frames of noise',
      'a CONTINUATION flood',
      'an RST flood',
      'messages of 4 GiB, declared',
      'compressed messages that are not',
      'unfinished messages of 4 MiB',
      'nested messages',
      'streams of a real Envoy, bent and cut',
      'mutated messages over gRPC',
      'mutated access logs',
      'deadlines that are none',
    ];
    const { healthy, connectionsLeft, callsLeft, exact, attacks } = await besiege(23, only, undefined, 'http2');
    expect({ missing: healthy.missing, connectionsLeft, callsLeft, exact }).toEqual({
      missing: 0,
      connectionsLeft: 0,
      callsLeft: 0,
      exact: true,
    });
    expect(Object.values(attacks).map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining(['hung up', 'open', 'ended']),
    );
  },
);
