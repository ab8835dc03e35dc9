import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureRedis, parseRedisVersion } from '../../../scripts/bootstrap/redis.mjs';

describe('the version of a Redis server', () => {
  it.each([
    ['Redis server v=7.2.4 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1\n', '7.2.4'],
    ['Valkey server v=9.1.2 sha=00000000:1 malloc=libc bits=64 build=1536df31c0395150\n', '9.1.2'],
    ['redis-cli 7.2.4', undefined],
    ['', undefined],
  ])('is read from %j', (output, version) => {
    expect(parseRedisVersion(output)).toBe(version);
  });
});

describe('a Redis server', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'loop-redis-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const program = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  };

  it('named by LOOP_REDIS is taken before all others, whatever its release', () => {
    const path = program('redis-server', 'echo "Redis server v=5.0.1 sha=0"');
    expect(ensureRedis({ cache: '/nowhere', env: { LOOP_REDIS: path, PATH: '' } })).toBe(path);
  });

  it('named by LOOP_REDIS is refused when it is none, with what to do', () => {
    const path = program('redis-server', 'exit 3');
    const choose = (): string => ensureRedis({ cache: '/nowhere', env: { LOOP_REDIS: path, PATH: '' } });
    expect(choose).toThrow(`LOOP_REDIS is ${path}, and that does not answer \`--version\` as a Redis server does`);
    expect(choose).toThrow(
      expect.objectContaining({
        hint: 'set LOOP_REDIS to a redis-server or valkey-server of release 7 or later, or unset it.',
      }),
    );
  });
});
