/** loopctl and a loopd elsewhere, behind TLS: contexts, login, every command; and what is wrong with tokens, addresses and certificates. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startChildLoopd } from '../support/child-loopd.ts';
import { loopctl, LOOPCTL, type Ended } from '../support/cli.ts';
import { HAR } from '../support/har-schema.ts';
import { onTerminal } from '../support/pty.ts';
import { writeRecording } from '../support/recording.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { tlsInFrontOf } from '../support/tls-proxy.ts';

const RECORDING = {
  service: 'orders',
  trigger: {
    method: 'POST',
    path: '/orders?token=t0ken-0815',
    headers: { authorization: 'Bearer s3cr3t-0815' },
    body: '{"cart":7}',
    answer: { status: 500, body: '{"error":"boom"}' },
  },
  calls: [{ path: '/coupons', authority: 'promotions.shop' }],
};

/** A loopd with one failure behind TLS, and a person elsewhere who has nothing but loopctl. */
async function elsewhere() {
  const root = temporaryDirectory();
  const data = join(root, 'their-data');
  mkdirSync(data, { mode: 0o700 });
  const loopd = await startChildLoopd(data);
  onTestFinished(() => loopd.stop());
  const file = await writeRecording(root, RECORDING);
  const { id } = await loopd.api.import(readFileSync(file));
  const direct = readFileSync(join(data, 'api'), 'utf8').trim();
  const proxy = await tlsInFrontOf(direct);
  const ca = join(root, 'ca.pem');
  writeFileSync(ca, proxy.ca);
  const config = join(root, 'config');
  mkdirSync(config);
  const environment = { XDG_CONFIG_HOME: config, HOME: join(root, 'home') };
  return {
    root,
    id,
    ca,
    direct,
    url: proxy.url,
    audit: join(data, 'audit.jsonl'),
    tokenFile: join(data, 'token'),
    token: readFileSync(join(data, 'token'), 'utf8').trim(),
    contexts: join(config, 'loop', 'contexts.json'),
    environment,
    run: (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
      loopctl(words, { cwd: root, env: { ...environment, ...env } }),
  };
}

/** Its one sentence and hint; throws unless the exit code is right, standard output empty, and no token is in it. */
function errorOf({ code, stdout, stderr }: Ended, expected: number, token: string): string {
  if (code === expected && stdout === '' && /^Error: [^\n]+\nTry: [^\n]+\n$/.test(stderr) && !stderr.includes(token))
    return stderr;
  throw new Error(`Not exit code ${expected} with one sentence: ${JSON.stringify({ code, stdout, stderr })}`);
}

describe('a context', () => {
  it('serves every command, and shows its token nowhere', { timeout: 300_000 }, async () => {
    const { run, url, ca, tokenFile, token, id, root, contexts, audit } = await elsewhere();
    const all: Ended[] = [];
    const ok = async (...words: readonly string[]) => {
      const ended = await run(words);
      all.push(ended);
      expect(ended).toMatchObject({ code: 0 });
      return ended.stdout;
    };
    await ok('context', 'add', 'prod', '--url', url, '--ca', ca, '--token-file', tokenFile);
    await ok('context', 'use', 'prod');
    expect(await ok('list', 'failures', '-o', 'name')).toBe(`${id}\n`);
    expect(await ok('show', id.slice(0, 6))).toContain('POST /orders');
    expect(await ok('redaction', 'test', id)).toContain('REDACTED(');
    const har = JSON.parse(await ok('export', id, '--format', 'har', '-f', '-')) as unknown;
    expect(HAR.safeParse(har).error?.issues ?? []).toEqual([]);
    expect(JSON.stringify(har)).not.toMatch(/t0ken-0815|s3cr3t-0815/);
    expect(await ok('export', id, '--open')).toBe(`${id}.loop\n`);
    await ok('export', id, '-f', join(root, 'sealed.loop'));
    await ok('delete', id);
    expect(await ok('list', 'failures', '-o', 'json')).toBe('[]\n');
    expect(await ok('import', `${id}.loop`)).toBe(`${id}\n`);
    await ok('delete', id);
    expect(await ok('import', 'sealed.loop')).toBe(`${id}\n`);
    const acts = readFileSync(audit, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { act: string }).act);
    const told = ['view', 'test-redaction', 'open', 'export', 'delete', 'delete'];
    expect(acts.filter((act) => act !== 'import')).toEqual(told);
    await ok('context', 'list', '-o', 'json');
    await ok('context', 'show', '-o', 'yaml');
    expect(await ok('context', 'show')).toBe(
      `prod (current)\n  url        ${url}\n  token      stored\n  authority  its own\n`,
    );
    expect(all.map(({ stdout, stderr }) => stdout + stderr).join('')).not.toContain(token);
    expect(statSync(contexts).mode & 0o777).toBe(0o600);
  });

  it('replays what it fetches', async () => {
    const { run, url, ca, tokenFile, id, root, audit } = await elsewhere();
    await run(['context', 'add', 'prod', '--url', url, '--ca', ca, '--token-file', tokenFile]);
    writeFileSync(
      join(root, 'server.mjs'),
      `import { createServer } from 'node:http';
createServer((request, response) => response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"boom"}')).listen(8080);`,
    );
    const ended = await run([
      '--context',
      'prod',
      'replay',
      id,
      '--port',
      '8080',
      '-o',
      'json',
      '--',
      process.execPath,
      'server.mjs',
    ]);
    expect(ended).toMatchObject({ code: 0 });
    expect(JSON.parse(ended.stdout)).toMatchObject({ loop: id, outcome: 'reproduced' });
    expect(readFileSync(audit, 'utf8')).toContain('"act":"open"');
  });

  it('is chosen by option, environment or use, and left again', { timeout: 300_000 }, async () => {
    const { run, url, ca, tokenFile, id, root } = await elsewhere();
    await run(['context', 'add', 'prod', '--url', url, '--ca', ca, '--token-file', tokenFile]);
    const names = async (words: readonly string[], env = {}) => {
      const { stdout, stderr } = await run([...words, 'list', 'failures', '-o', 'name'], env);
      return stdout + stderr;
    };
    const here = join(root, 'here');
    expect(await names([])).toBe('');
    expect(await names([], { LOOP_CONTEXT: 'prod', LOOP_DATA: here })).toBe(`${id}\n`);
    await run(['context', 'use', 'prod']);
    expect(await names([])).toBe(`${id}\n`);
    expect(await names([], { LOOP_DATA: here })).toBe('');
    expect(await names(['--data', here, '--context', 'prod'])).toBe(
      'Note: --context prod is not followed, because of --data.\n',
    );
    expect(await run(['context', 'remove', 'prod'])).toMatchObject({
      stderr: 'removed prod\nIt was the current one: loopctl speaks to this machine now.\n',
    });
    expect(await names([])).toBe('');
  });
});

describe('login', () => {
  it('takes the token from a file, checks it, and makes the context current', async () => {
    const { run, url, ca, id, token, environment, root, tokenFile } = await elsewhere();
    const login = (from: string, ...words: readonly string[]) =>
      loopctl(['login', ...words], {
        cwd: root,
        env: environment,
        under: ['sh', '-c', 'file=$1; shift; exec "$@" < "$file"', 'sh', from],
      });
    const ended = await login(tokenFile, url, '--ca', ca);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toBe(`The token is right. loopctl speaks to ${url} now (context 127.0.0.1).\n`);
    expect((await run(['list', 'failures', '-o', 'name'])).stdout).toBe(`${id}\n`);
    // A wrong one is not stored.
    const wrong = join(root, 'wrong');
    writeFileSync(wrong, randomBytes(32).toString('base64url'));
    expect(errorOf(await login(wrong), 4, token)).toMatch(
      /^Error: The token is missing or wrong\.\nTry: It is in the file/,
    );
    expect((await run(['list', 'failures', '-o', 'name'])).stdout).toBe(`${id}\n`);
    writeFileSync(wrong, '\n');
    expect(errorOf(await login(wrong), 1, token)).toMatch('There is no token: what was given is empty.');
    expect(await login(tokenFile)).toMatchObject({ code: 0 });
  });

  it('asks on a terminal, without echo', async () => {
    const { run, url, ca, id, token, environment } = await elsewhere();
    const argv = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      LOOPCTL,
      'login',
      url,
      '--ca',
      ca,
      '--name',
      'typed',
    ];
    const env = { ...process.env, ...environment, LOOP_URL: '', LOOP_DATA: '', LOOP_CONTEXT: '' };
    const { seen, code } = await onTerminal(argv, { prompt: 'Token for', typed: `${token}\r`, env });
    expect(seen).toBe(`Token for ${url}: \r\nThe token is right. loopctl speaks to ${url} now (context typed).\r\n`);
    expect(code).toBe(0);
    expect((await run(['--context', 'typed', 'list', 'failures', '-o', 'name'])).stdout).toBe(`${id}\n`);
    const given = await onTerminal(argv, { prompt: 'Token for', typed: '\u0003', env });
    expect(given.code).toBe(1);
    expect(given.seen).toMatch(/Error: No token was given\.\r\nTry: Type it at the prompt/);
  });
});

describe('what is wrong is said, with what to do', () => {
  it('tokens', async () => {
    const { run, url, ca, token, direct } = await elsewhere();
    await run(['context', 'add', 'prod', '--url', url, '--ca', ca]);
    const list = ['--context', 'prod', 'list', 'failures'];
    expect(errorOf(await run(list), 4, token)).toBe(
      'Error: There is no token for the context "prod".\nTry: loopctl --context prod login\n',
    );
    expect(errorOf(await run(['list', 'failures'], { LOOP_URL: direct, LOOP_TOKEN: 'wrong' }), 4, token)).toMatch(
      'The token is missing or wrong.',
    );
  });

  it('addresses and certificates', async () => {
    const { run, url, token, tokenFile } = await elsewhere();
    await run(['context', 'add', 'x', '--url', url, '--token-file', tokenFile]);
    expect(errorOf(await run(['--context', 'x', 'list', 'failures']), 1, token)).toMatch(
      /The certificate of .+ is not right: .+\nTry: Give the authority that signed it/,
    );
    const clear = { LOOP_URL: 'http://loop.example:5679', LOOP_TOKEN: token };
    expect(errorOf(await run(['list', 'failures'], clear), 1, token)).toMatch('to loop.example:5679 in clear');
    const words = ['context', 'add', 'clear', '--url', 'http://loop.example:5679'];
    expect(errorOf(await run(words), 1, token)).toMatch('--insecure');
    expect(await run([...words, '--insecure'])).toMatchObject({ code: 0 });
  });

  it('names, and a file that others read', async () => {
    const { run, url, ca, token, tokenFile, contexts } = await elsewhere();
    await run(['context', 'add', 'prod', '--url', url, '--ca', ca, '--token-file', tokenFile]);
    expect(errorOf(await run(['context', 'add', 'prod', '--url', url]), 1, token)).toMatch('a context "prod" already');
    expect(errorOf(await run(['--context', 'none', 'list', 'failures']), 1, token)).toMatch('no context "none"');
    expect(errorOf(await run(['context', 'use']), 2, token)).toMatch('Either a name or --none.');
    chmodSync(contexts, 0o644);
    expect(errorOf(await run(['list', 'failures']), 1, token)).toMatch(
      `Others may read the tokens in ${contexts} (mode 0644).`,
    );
  });
});
