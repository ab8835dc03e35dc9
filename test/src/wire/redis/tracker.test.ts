import { describe, expect, it } from 'vitest';
import { decodeCommands } from '../../../../src/wire/redis/commands.ts';
import { createRedisTracker } from '../../../../src/wire/redis/tracker.ts';
import { Session } from '../../../../src/wire/redis/session.ts';
import { Random } from '../../../support/fuzz/random.ts';
import { CAPTURES, captured, client, conversation, server, type Sent } from '../../../support/redis-wire.ts';
import { lent, takeBack } from '../../../support/lent.ts';

/** True for every chunk that can be decoded from. */
function anchors(sent: readonly Sent[], tracker = createRedisTracker()): boolean[] {
  return sent.map(({ side, bytes }) => {
    const chunk = lent(bytes);
    const anchor = tracker.bytes(side, chunk);
    takeBack(chunk);
    return anchor;
  });
}

function stateAfter(sent: readonly Sent[]): readonly Sent[] {
  const tracker = createRedisTracker();
  anchors(sent, tracker);
  return tracker.state();
}

const words = (sent: readonly Sent[]): string =>
  Buffer.concat(sent.map(({ bytes }) => bytes))
    .toString('latin1')
    .replaceAll('\r\n', ' ');

describe('anchors', () => {
  it('stand where nothing is pending', () => {
    const sent = [
      client('GET a'),
      server('$1|x'),
      client('GET a', 'GET b'),
      server('$1|x'),
      server('$1|y'),
      client('PING'),
    ];
    expect(anchors(sent)).toEqual([true, false, true, false, false, true]);
  });

  it('do not stand inside a transaction', () => {
    const sent = [
      client('MULTI'),
      server('+OK'),
      client('INCR n'),
      server('+QUEUED'),
      client('EXEC'),
      server('*1|:1'),
      client('PING'),
    ];
    expect(anchors(sent)).toEqual([true, false, false, false, false, false, true]);
  });

  it('stand before each message of a subscription', () => {
    const message = server('*3|$7|message|$1|a|$1|x');
    const sent = [client('SUBSCRIBE a'), server('*3|$9|subscribe|$1|a|:1'), message, message];
    expect(anchors(sent)).toEqual([true, false, true, true]);
  });

  const times = (count: number, { side, bytes }: Sent): Sent => ({
    side,
    bytes: Buffer.concat(Array.from({ length: count }, () => bytes)),
  });

  it('are given up where a quarter of a million commands wait, and come back', () => {
    const tracker = createRedisTracker();
    const [many, answers] = [times(262_144, client('PING')), times(262_144, server('+PONG'))];
    expect(anchors([many, answers, client('PING'), server('+PONG')], tracker)).toEqual([true, false, true, false]);
    expect(anchors([many, client('PING'), answers, client('GET a')], tracker)).toEqual([true, false, false, true]);
  });

  it('are given up where as many wait for an EXEC', () => {
    const tracker = createRedisTracker();
    anchors([client('MULTI'), server('+OK')], tracker);
    const [asked, queued] = [times(65_536, client('PING')), times(65_536, server('+QUEUED'))];
    for (let round = 0; round < 4; round++) anchors([asked, queued], tracker);
    expect(anchors([client('GET a'), server('+QUEUED'), client('GET a')], tracker)).toEqual([false, false, true]);
  });

  it('come back after a gap, where a command follows an answer', () => {
    const tracker = createRedisTracker();
    tracker.bytes('client', client('GET a').bytes);
    tracker.gap();
    expect(anchors([server('x|$1|a'), client('GET b'), server('$1|b'), client('GET c')], tracker)).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});

describe('the state', () => {
  const opening = [
    client('HELLO 3 AUTH app hunter2 SETNAME web', 'SELECT 3', 'CLIENT TRACKING ON', 'SUBSCRIBE news jobs', 'READONLY'),
    server('%1|$5|proto|:3', '+OK', '+OK', '>3|$9|subscribe|$4|news|:1', '>3|$9|subscribe|$4|jobs|:2', '+OK'),
  ];

  it('leads a fresh session to where this one is', () => {
    const session = new Session({ asked: () => undefined, said: () => undefined, mistaken: () => undefined });
    for (const { side, bytes } of stateAfter(opening)) session.feed(side, bytes);
    expect(session.quiet).toBe(true);
    expect(session.held).toMatchObject({ version: 3, database: 3, subscribed: 2 });
    expect(session.held.settings.map((bytes) => words([{ side: 'client', bytes }]))).toEqual([
      '*3 $6 CLIENT $7 SETNAME $3 web ',
      '*3 $6 CLIENT $8 TRACKING $2 ON ',
      '*1 $8 READONLY ',
    ]);
  });

  it('holds neither user nor password', () => {
    expect(words(stateAfter(opening))).not.toMatch(/hunter2|app/);
  });

  it('is empty for a connection that holds nothing, and again after RESET', () => {
    expect(stateAfter([client('AUTH hunter2', 'GET a'), server('+OK', '$1|x')])).toEqual([]);
    expect(stateAfter([...opening, client('RESET'), server('+RESET')])).toEqual([]);
  });

  it('forgets what failed, and what was unsubscribed', () => {
    const sent = [
      client('SELECT 99', 'SUBSCRIBE a', 'UNSUBSCRIBE'),
      server('-ERR out of range', '*3|$9|subscribe|$1|a|:1', '*3|$11|unsubscribe|$1|a|:0'),
    ];
    expect(stateAfter(sent)).toEqual([]);
  });

  it('says that no answers come', () => {
    const state = stateAfter([client('CLIENT REPLY OFF')]);
    const commands = decodeCommands(conversation([client('SET a 1')], { state: conversation(state).bytes }));
    expect(commands.map(({ summary, endedAt }) => [summary, endedAt])).toEqual([['SET a 1', 100]]);
  });

  it('takes over what a transaction selected', () => {
    const sent = [client('MULTI', 'SELECT 5', 'EXEC'), server('+OK', '+QUEUED', '*1|+OK')];
    expect(words(stateAfter(sent))).toContain('SELECT $1 5');
  });

  it('is bounded, however many channels there are', () => {
    const tracker = createRedisTracker();
    const name = (index: number): string => `channel-${'x'.repeat(500)}-${index}`;
    for (let index = 0; index < 2_000; index++) {
      tracker.bytes('client', client(`SUBSCRIBE ${name(index)}`).bytes);
      tracker.bytes('server', server(`*3|$9|subscribe|$${name(index).length}|${name(index)}|:${index + 1}`).bytes);
    }
    const bytes = tracker.state().reduce((sum, stated) => sum + stated.bytes.length, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(250_000);
    // All of them are still known to be there: as many confirmations come.
    tracker.bytes('client', client('UNSUBSCRIBE').bytes);
    for (let left = 1_999; left >= 0; left--)
      tracker.bytes('server', server(`*3|$11|unsubscribe|$${name(left).length}|${name(left)}|:${left}`).bytes);
    expect(tracker.bytes('client', client('GET a').bytes)).toBe(true);
  });
});

describe('bytes that somebody bent', () => {
  /** 10^5 with LOOP_FUZZ_ROUNDS=100000. */
  const rounds = Number(process.env['LOOP_FUZZ_ROUNDS'] ?? 3_000);

  it('never throw, and leave no more behind than allowed', { timeout: 600_000 }, () => {
    const random = new Random(7);
    const connections = CAPTURES.flatMap((name) => captured(name));
    for (let round = 0; round < rounds; round++) {
      const sent = bent(random.pick(connections), random);
      const tracker = createRedisTracker();
      anchors(sent, tracker);
      expect(tracker.state().reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(100_000);
      const commands = decodeCommands(conversation(sent, { state: conversation(tracker.state()).bytes }));
      expect(commands.length).toBeLessThan(1_000);
    }
  });
});

/** Bits turned, chunks lost, doubled, cut and exchanged. */
function bent(sent: readonly Sent[], random: Random): Sent[] {
  return sent.flatMap((one) => {
    if (random.chance(0.03)) return [];
    const bytes = Uint8Array.from(one.bytes);
    if (random.chance(0.1)) bytes[random.below(bytes.length)] = random.below(256);
    if (random.chance(0.1))
      bytes[random.below(bytes.length)] = random.pick([0x0d, 0x0a, 0x2a, 0x24, 0x39, 0x3e, 0x25, 0x2d]);
    const side = random.chance(0.02) ? 'server' : one.side;
    const piece = { side, bytes: random.chance(0.05) ? bytes.slice(0, random.below(bytes.length)) : bytes };
    return random.chance(0.03) ? [piece, piece] : [piece];
  });
}
