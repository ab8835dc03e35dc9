import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installation, served } from '../../../support/api.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

const PAGE = { accept: 'text/html,*/*' };
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

function built(): string {
  const root = temporaryDirectory();
  const directory = join(root, 'console');
  mkdirSync(join(directory, 'assets'), { recursive: true });
  mkdirSync(join(directory, '.vite'));
  writeFileSync(join(root, 'token'), 'a secret');
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>Loop</title>');
  writeFileSync(join(directory, 'assets', 'main-Dx81kQ2a.js'), 'start();');
  writeFileSync(join(directory, 'support-button.js'), 'button();');
  writeFileSync(join(directory, '.vite', 'manifest.json'), '{}');
  return directory;
}

async function start(directory = built()) {
  const { url } = await served((await installation()).handlers, { console: directory });
  return (path: string, headers: Record<string, string> = {}) => fetch(new URL(path, url), { headers });
}

describe('the console', () => {
  it.each(['/', '/index.html', '/loops/0123456789ab', '/captures?state=over', '/nowhere/at/all'])(
    'is the page at %s, under a policy that lets nothing else run',
    async (path) => {
      const ask = await start();
      const answer = await ask(path, PAGE);
      expect([answer.status, await answer.text()]).toEqual([200, '<!doctype html><title>Loop</title>']);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-cache',
      });
    },
  );

  it('has files, for ever where their names tell their content', async () => {
    const ask = await start();
    const script = await ask('/assets/main-Dx81kQ2a.js');
    expect(await script.text()).toBe('start();');
    expect(Object.fromEntries(script.headers)).toMatchObject({
      'content-type': expect.stringMatching(/^(?:text|application)\/javascript/) as string,
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
    });
  });

  it('lets pages of other origins load the support button, and nothing else', async () => {
    const ask = await start();
    const policyOf = async (path: string): Promise<string | null> =>
      (await ask(path)).headers.get('cross-origin-resource-policy');
    expect((await ask('/support-button.js')).headers.get('cache-control')).toBe('no-cache');
    expect(await policyOf('/support-button.js')).toBe('cross-origin');
    for (const path of ['/', '/assets/main-Dx81kQ2a.js', '/healthz', '/v1/session'])
      expect(await policyOf(path)).toBe('same-origin');
  });

  it.each([
    '/../token',
    '/%2e%2e/token',
    '/..%2ftoken',
    '/assets/..%5c..%5ctoken',
    '/.vite/manifest.json',
    '/assets/',
    '/assets/gone-00000000.js',
  ])('has nothing at %s', async (path) => {
    const ask = await start();
    const answer = await ask(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).not.toContain('secret');
  });

  it.each(['/v1/loops', '/v1/nothing', '/metrics', '/assets/gone-00000000.js'])(
    'is never the answer to %s, also for a browser',
    async (path) => {
      const ask = await start();
      const answer = await ask(path, PAGE);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    },
  );

  it('that is not built says so', async () => {
    const { url } = await served((await installation()).handlers);
    const answer = await fetch(url, { headers: PAGE });
    expect([answer.status, await answer.json()]).toMatchObject([404, { title: 'The console is not built here.' }]);
  });
});
