import { describe, expect, it } from 'vitest';
import { Framer, type Reading, type Side } from '../../../../src/wire/redis/framing.ts';
import { CAPTURES, captured } from '../../../support/redis-wire.ts';
import { lent, takeBack } from '../../../support/lent.ts';

const REPLIES = [
  '+OK\r\n',
  '-ERR unknown\r\n',
  ':-12\r\n',
  '$3\r\nabc\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '_\r\n',
  ',1.5\r\n',
  '#t\r\n',
  '(3492890328409238509324850943850943825024385\r\n',
  '!5\r\nERR x\r\n',
  '=7\r\ntxt:abc\r\n',
  '*2\r\n:1\r\n*2\r\n$1\r\n*\r\n+a\r\n',
  '%2\r\n+a\r\n:1\r\n+b\r\n~1\r\n:2\r\n',
  '>3\r\n+message\r\n+news\r\n+hi\r\n',
  '|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n:2\r\n',
  '$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n',
  '*?\r\n:1\r\n*?\r\n.\r\n$?\r\n;0\r\n.\r\n',
  '%?\r\n+a\r\n:1\r\n.\r\n',
];
const QUESTIONS = [
  '*2\r\n$3\r\nGET\r\n$3\r\nfoo\r\n',
  'PING\r\n',
  '*0\r\n',
  '\r\n',
  'GET foo\n',
  '*1\r\n$4\r\nPING\r\n',
];

/** Frames as text, and how it ended. */
function read(side: Side, bytes: Uint8Array, size = bytes.length, reading: Reading = 'whole'): string[] {
  const framer = new Framer(side, reading);
  const frames: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = lent(bytes.subarray(at, at + size));
    framer.push(chunk);
    for (;;) {
      const framed = framer.next();
      if (framed.kind === 'fault') return [...frames, framed.fault];
      if (framed.kind === 'need-more') break;
      frames.push(Buffer.from(framed.bytes).toString('latin1') + (framed.cut ? '…' : ''));
    }
    takeBack(chunk);
  }
  return framer.atBoundary ? frames : [...frames, 'need-more'];
}

const text = (frames: readonly string[]): Uint8Array => Buffer.from(frames.join(''), 'latin1');

describe('frames', () => {
  it.each([Infinity, 1, 2, 3, 7])('of a server, in pieces of %d bytes', (size) => {
    expect(read('server', text(REPLIES), size)).toEqual(REPLIES);
  });

  it.each([Infinity, 1, 2, 5])('of a client, in pieces of %d bytes', (size) => {
    expect(read('client', text(QUESTIONS), size)).toEqual(QUESTIONS);
  });

  it.each(REPLIES)('the beginning of another does no harm: %j', (reply) => {
    expect(read('server', text([reply, '$3\r\nab']))).toEqual([reply, 'need-more']);
  });

  it.each(CAPTURES)('of %s are the same whole and byte by byte', (name) => {
    for (const connection of captured(name)) {
      for (const side of ['client', 'server'] as const) {
        const bytes = Buffer.concat(connection.filter((sent) => sent.side === side).map((sent) => sent.bytes));
        const whole = read(side, bytes);
        expect(whole.join('')).toBe(bytes.toString('latin1'));
        expect(read(side, bytes, 1)).toEqual(whole);
      }
    }
  });
});

describe('what is not Redis', () => {
  it.each([
    ['server', 'HTTP/1.1 200 OK\r\n', 'unknown-type'],
    ['server', '$12x\r\n', 'bad-length'],
    ['server', '$-2\r\n', 'bad-length'],
    ['server', '$99999999999999999999999\r\n', 'bad-length'],
    ['server', '$3\r\nabcdef', 'bad-line'],
    ['server', '+OK\rx', 'bad-line'],
    ['server', ';3\r\nabc\r\n', 'unknown-type'],
    ['server', '.\r\n', 'unknown-type'],

    ['client', '\x16\x03\x01\x02', 'unknown-type'],
    ['client', '*1\r\n:1\r\n', 'unknown-type'],
    ['client', '*?\r\n', 'bad-length'],
  ] as const)('is told as a fault: %s %j', (side, bytes, fault) => {
    expect(read(side, Buffer.from(bytes, 'latin1'))).toEqual([fault]);
    expect(read(side, Buffer.from(bytes, 'latin1'), 1)).toEqual([fault]);
  });

  it('is a line or a nest without an end', () => {
    expect(read('server', Buffer.from('*1\r\n'.repeat(200)))).toEqual(['too-deep']);
    expect(read('server', Buffer.from(`+${'x'.repeat(70_000)}`))).toEqual(['too-long']);
    expect(read('client', Buffer.from(`GET ${'x'.repeat(70_000)}`), 1000)).toEqual(['too-long']);
  });

  it('stays a fault until it begins again', () => {
    const framer = new Framer('server');
    framer.push(Buffer.from('?\r\n+OK\r\n'));
    expect(framer.next()).toEqual({ kind: 'fault', fault: 'unknown-type' });
    expect(framer.next()).toEqual({ kind: 'fault', fault: 'unknown-type' });
    expect(framer.atBoundary).toBe(false);
    framer.restart();
    framer.push(Buffer.from('+OK\r\n'));
    expect(framer.next()).toMatchObject({ kind: 'reply', type: '+' });
  });
});

describe('skimming', () => {
  it.each([Infinity, 1000])('keeps the beginning of a long frame, in pieces of %d bytes', (size) => {
    const value = `$50000\r\n${'v'.repeat(50_000)}\r\n`;
    const [first, second] = read('server', text([value, '+OK\r\n']), size, 'skim');
    expect(first).toHaveLength(4_097);
    expect(first?.endsWith('v…')).toBe(true);
    expect(second).toBe('+OK\r\n');
  });

  it('holds no more than that, however long the frame grows', () => {
    const framer = new Framer('server', 'skim');
    const element = Buffer.from(`$1000\r\n${'v'.repeat(1000)}\r\n`);
    framer.push(Buffer.from('*2001\r\n'));
    for (let count = 0; count < 2_000; count++) {
      framer.push(element);
      expect(framer.next()).toEqual({ kind: 'need-more' });
    }
    framer.push(element);
    const frame = framer.next();
    expect(frame).toMatchObject({ kind: 'reply', type: '*', cut: true });
    expect('bytes' in frame && frame.bytes.length).toBe(4_096);
  });
});
