import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/seal/redact.ts';
import { redisSummary } from '../../../src/seal/redis.ts';
import { commandOf, encodeFrontend } from '../../../src/wire/redis/frontend.ts';

const redact = createRedactor({ kind: 'redaction-key', bytes: new Uint8Array(32).fill(7) });
const shown = (...words: readonly (string | Uint8Array)[]): string | undefined =>
  redisSummary(encodeFrontend(commandOf(...words)), redact);

describe('a command for everybody', () => {
  it.each([
    [['HGET', 'cart:7', 'total'], 'HGET cart:7 total'],
    [['ZADD', 'board', '1.5', 'x y'], 'ZADD board 1.5 "x y"'],
    [['AUTH', 'hunter2'], 'AUTH (secret)'],
    [['HELLO', '3', 'AUTH', 'app', 'hunter2'], 'HELLO 3 AUTH (secret) (secret)'],
    [['CONFIG', 'SET', 'requirepass', 'hunter2', 'maxmemory', '1gb'], 'CONFIG SET requirepass (secret) maxmemory 1gb'],
    [['SENTINEL', 'CONFIG', 'SET', 'sentinel-pass', 'hunter2'], 'SENTINEL CONFIG SET sentinel-pass (secret)'],
    [['ACL', 'SETUSER', 'kim', '>hunter2'], 'ACL SETUSER kim (secret)'],
  ])('%j', (words, line) => {
    expect(shown(...words)).toBe(line);
  });

  it('hides inside JSON, and leaves the rest of it', () => {
    const line = shown(
      'SET',
      'customer:7',
      JSON.stringify({ email: 'kim@mail.example', tier: 'gold', password: 'hunter2' }),
    );
    expect(line).toMatch(/^SET customer:7 .*gold/);
    expect(line).not.toMatch(/kim@|hunter2/);
  });

  it('hides fields by their names', () => {
    const line = shown('HSET', 'user:7', 'name', 'kim', 'password', 'hunter2');
    expect(line).toMatch(/^HSET user:7 name kim password \S+$/);
    expect(line).not.toContain('hunter2');
  });

  it('hides what stands under a key with a secret name', () => {
    expect(shown('SET', 'password:7', 'hunter2')).not.toContain('hunter2');
    expect(shown('SET', 'a', '1')).toBe('SET a 1');
  });

  it('hides in keys what looks like a secret', () => {
    expect(shown('GET', 'user:kim@mail.example')).not.toContain('kim@');
  });

  it('says how long bytes are that are no text', () => {
    expect(shown('SET', 'a', Uint8Array.of(0, 255, 1))).toBe('SET a "(3 bytes)"');
  });

  it('is short of what is long', () => {
    expect(shown('SET', 'a', 'x'.repeat(1_000_000))?.length).toBeLessThan(5_000);
    expect(shown('DEL', ...Array.from({ length: 1_000 }, (_, at) => `k${at}`))).toMatch(/ … 745 more$/);
  });

  it('is nothing for bytes that are none', () => {
    expect(redisSummary(Buffer.from('*2\r\n$3\r\nGE'), redact)).toBeUndefined();
    expect(redisSummary(undefined, redact)).toBeUndefined();
  });
});
