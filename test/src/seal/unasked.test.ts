import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/seal/redact.ts';
import { viewUnasked } from '../../../src/seal/unasked.ts';
import { encodeBackend } from '../../../src/wire/postgres/backend.ts';
import { notice } from '../../support/postgres-wire.ts';
import { command } from '../../support/transaction.ts';

const redact = createRedactor({ kind: 'redaction-key', bytes: new Uint8Array(32).fill(7) });
const EMAIL = 'kim.meier@mail.example';
const ID = '9f2c81d4e07b4a63b1c5';

function shown(protocol: string, ...sent: readonly Uint8Array[]) {
  const pushed = sent.map((bytes, index) => ({ at: 10 * (index + 1), bytes }));
  return viewUnasked(command(1, { protocol, pushed }), redact);
}

function heard(channel: string, payload: string): Uint8Array {
  return encodeBackend({ kind: 'notification', process: 9, channel, payload });
}

function redis(kind: '*' | '>', ...words: readonly string[]): Uint8Array {
  const strings = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`${kind}${words.length}\r\n${strings.join('')}`);
}

describe('notifications of Postgres', () => {
  it('have their time, channel and payload', () => {
    expect(shown('postgres', heard('news', 'extra'), heard('jobs', ''))).toEqual({
      pushed: [
        { at: 10, channel: 'news', text: 'extra' },
        { at: 20, channel: 'jobs', text: '' },
      ],
    });
  });

  it('hide what is somebody’s', () => {
    const told = JSON.stringify(shown('postgres', heard('news', JSON.stringify({ to: EMAIL, password: 'hunter2' }))));
    expect(told).toContain('password');
    expect(told).not.toMatch(/kim\.meier|hunter2/);
  });

  it('are bounded in count and length', () => {
    const { pushed = [], pushedMore } = shown(
      'postgres',
      ...Array.from({ length: 70 }, () => heard('a', 'x'.repeat(7_000))),
    );
    expect([pushed.length, pushedMore]).toEqual([64, 6]);
    expect(pushed[0]?.text.length).toBeLessThan(1_100);
  });
});

describe('notices of Postgres', () => {
  it('are a line each, redacted', () => {
    const response = [notice('relation "a" does not exist, skipping'), notice(`hello ${EMAIL}`)].map(encodeBackend);
    const { notices = [] } = viewUnasked(command(1, { response }), redact);
    expect(notices[0]).toBe('NOTICE 00000 relation "a" does not exist, skipping');
    expect(notices[1]).toMatch(/^NOTICE 00000 hello (?!kim)/);
  });
});

describe('messages of Redis', () => {
  it.each([
    [redis('*', 'message', 'news', 'hi'), { channel: 'news', text: 'hi' }],
    [redis('>', 'smessage', 'news', 'hi'), { channel: 'news', text: 'hi' }],
    [redis('>', 'pmessage', 'n*', 'news', 'hi'), { channel: 'news', text: 'hi' }],
    [Buffer.from('>2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n'), { text: 'invalidate a b' }],
    [Buffer.from('>2\r\n$10\r\ninvalidate\r\n_\r\n'), { text: 'invalidate (all)' }],
    // What others ask for: nobody here knows what of it is secret.
    [Buffer.from('+1.5 [0 10.0.0.1:1] "auth" "hunter2"\r\n'), { text: '(38 bytes)' }],
    [Buffer.from('>2\r\n$7\r\nmess'), { text: '(12 bytes)' }],
    [redis('>', 'message', 'news', '\udc00'), { channel: 'news', text: '(no text)' }],
  ])('%s', (bytes, view) => {
    expect(shown('redis', bytes)).toEqual({ pushed: [{ at: 10, ...view }] });
  });

  it('hide what is somebody’s, in keys that changed too', () => {
    const told = [
      redis('>', 'message', 'news', JSON.stringify({ to: EMAIL })),
      redis('>', 'message', '__keyevent@0__:del', `session:${ID}`),
      redis('>', 'message', `__keyspace@0__:session:${ID}`, 'del'),
      Buffer.from(`>2\r\n$10\r\ninvalidate\r\n*1\r\n$${ID.length + 8}\r\nsession:${ID}\r\n`),
    ];
    const text = JSON.stringify(shown('redis', ...told));
    expect(text).not.toContain('kim.meier');
    expect(text).not.toContain(ID);
  });
});
