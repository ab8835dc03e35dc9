/** What can be wrong with a machine, a store, a file or a command line: one sentence, what to try, and the exit code of the contract. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { createHandlers } from '../../src/api/handlers.ts';
import { loadOrCreateStoreKey } from '../../src/seal/keyfile.ts';
import { openLocalStore } from '../../storage/local.ts';
import { ADMIN } from '../support/api.ts';
import { loopctl, LOOPCTL, LOOPD, start, startLoopd } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { makeProject } from '../support/project.ts';
import { recordingOf, writeRecording } from '../support/recording.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const ONE_SENTENCE = /^Error: [^\n]+\nTry: [^\n]+\n$/;

/** What it said on standard error; throws unless that is one sentence with what to try, the exit code is right and standard output empty. */
function errorOf(ended: Ended, code: number): string {
  const isRight = ended.code === code && ended.stdout === '' && ONE_SENTENCE.test(ended.stderr);
  if (isRight) return ended.stderr;
  throw new Error(`Not exit code ${code} with one sentence: ${JSON.stringify(ended)}`);
}

/** A data directory with such recordings of a service; their ids. */
async function storeOf(...numbers: readonly number[]) {
  const root = temporaryDirectory();
  const data = join(root, 'data');
  mkdirSync(data, { mode: 0o700 });
  const key = await loadOrCreateStoreKey(join(data, 'key'));
  const store = await openLocalStore(join(data, 'store'), { clock: { now: () => Date.now() } });
  const api = createHandlers({ store, key, audit: { record: async () => undefined }, createdBy: 'loop test' })(ADMIN);
  const ids: string[] = [];
  for (const number of numbers) {
    const file = await writeRecording(root, { service: 'orders', number, trigger: { answer: { status: 500 } } });
    ids.push((await api.import(readFileSync(file))).id);
  }
  await store.close();
  return { root, data, ids };
}

/** A file system of a few pages on `directory`, in a mount namespace that needs no root and goes with the process. */
function onSmallDisk(directory: string, size: string): readonly string[] {
  mkdirSync(directory, { recursive: true });
  const script = 'mount -t tmpfs -o "size=$1,mode=0700" tmpfs "$2" && shift 2 && exec "$@"';
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', size, directory];
}

describe('the command line', () => {
  it.each([
    [['lst'], /unknown command 'lst'/i],
    [['list'], /missing required argument 'what'/i],
    [
      ['list', 'nothing'],
      /nothing is called "nothing"; there are failures, fingerprints, captures, exemplars, ambient/i,
    ],
    [['list', 'failures', '-o', 'xml'], /is invalid: table, wide, json, yaml or name/],
    [['list', 'failures', '-n', '0'], /is invalid: a number from 1 to 500/],
    [['list', 'failures', '--fingerprint', 'x'], /is invalid: 12 hex digits/],
    [['show', 'x', '-o', 'xml'], /is invalid: text, json or yaml/],
    [['replay', 'x', '--break', 'server.js'], /is invalid: for example allocate\.js:14/],
    [['replay', 'x', '--inspect=70000'], /is invalid: a number from 0 to 65535/],
    [['replay', 'x', '--timeout', 'soon'], /is invalid: seconds, more than 0/],
    [['demo', '--requests', 'many'], /is invalid: a number from 1 to 100000/],
    [['envoy', 'config', '--service', 'orders', '--sink-shards'], /--sink-shards and --shard need --sink/],
    [['envoy', 'config'], /required option '--service <name>' not specified/i],
  ])('%j is refused with exit code 2', async (words, text) => {
    expect(errorOf(await loopctl(words, { data: '/nowhere' }), 2)).toMatch(text);
  });

  it('loopd refuses what it does not know', async () => {
    expect(errorOf(await start(LOOPD, ['--prot', '1']).ended, 2)).toMatch(/unknown option '--prot'/);
  });

  it('--help of every command goes to standard output', async () => {
    const commands = [
      [],
      ['list'],
      ['show'],
      ['replay'],
      ['export'],
      ['import'],
      ['delete'],
      ['envoy'],
      ['envoy', 'config'],
      ['doctor'],
      ['demo'],
    ];
    const helps = await Promise.all(commands.map((words) => loopctl([...words, '--help'])));
    for (const [index, { code, stdout, stderr }] of helps.entries()) {
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(new RegExp(`^Usage: ${['loopctl', ...(commands[index] ?? [])].join(' ')} `));
    }
  });

  it('an id that is not there, and one that begins several', async () => {
    const numbers = sameFirstLetter();
    const { data, ids } = await storeOf(...numbers);
    expect(errorOf(await loopctl(['show', 'zzzzzzz'], { data }), 1)).toMatch(
      'Error: There is no loop "zzzzzzz".\nTry: loopctl list failures',
    );
    expect(errorOf(await loopctl(['show', '../../etc'], { data }), 1)).toMatch(
      'Error: There is no loop "../../etc".\n',
    );
    const letter = ids[0]?.slice(0, 1) ?? '';
    const ambiguous = await loopctl(['show', letter], { data });
    expect(errorOf(ambiguous, 1)).toMatch(`Error: "${letter}" begins 2 loops: `);
    for (const id of ids) expect(ambiguous.stderr).toContain(id);
  });
});

/** Two recordings whose ids begin alike. */
function sameFirstLetter(): readonly number[] {
  const seen = new Map<string, number>();
  for (let number = 1; ; number += 1) {
    const letter = recordingOf({ service: 'orders', number, trigger: { answer: { status: 500 } } }).summary.id.slice(
      0,
      1,
    );
    const other = seen.get(letter);
    if (other !== undefined) return [other, number];
    seen.set(letter, number);
  }
}

describe('output', () => {
  it('data alone is on standard output, and nothing is coloured for a pipe, even in CI', async () => {
    const { data, ids } = await storeOf(1);
    const [id = ''] = ids;
    expect(await loopctl(['list', 'failures', '-o', 'name'], { data })).toMatchObject({
      code: 0,
      stdout: `${id}\n`,
      stderr: '',
    });
    const json = await loopctl(['list', 'failures', '-o', 'json'], { data });
    expect(JSON.parse(json.stdout)).toMatchObject([{ id, status: 500 }]);
    const shown = await loopctl(['show', id, '--bodies'], { data, env: { CI: '1' } });
    expect(shown.stdout).toContain(id);
    expect(shown.stdout).not.toContain('\u001b');
    const colored = await loopctl(['show', id], { data, env: { FORCE_COLOR: '1' } });
    expect(colored.stdout).toContain('\u001b');
    const plain = await loopctl(['show', id], { data, env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(plain.stdout).not.toContain('\u001b');
  });

  it('an empty list is said on standard error', async () => {
    const { data } = await storeOf();
    expect(await loopctl(['list', 'failures'], { data })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'No failures were kept.\n',
    });
    expect(await loopctl(['list', 'failures', '-o', 'json'], { data })).toMatchObject({
      code: 0,
      stdout: '[]\n',
      stderr: '',
    });
  });

  it('a reader that has read enough is no error', async () => {
    const { data } = await storeOf(1, 2);
    const under = ['sh', '-c', '"$@" | true', 'sh'];
    const ended = await Promise.all([
      loopctl(['list', 'failures', '-o', 'name'], { data, under }),
      loopctl(['replay', '--help'], { data, under }),
    ]);
    for (const { stderr } of ended) expect(stderr).toBe('');
  });
});

describe('the store', () => {
  it('garbage where the index should be', async () => {
    const { data } = await storeOf(1);
    rmSync(join(data, 'store/index.sqlite-wal'), { force: true });
    writeFileSync(join(data, 'store/index.sqlite'), 'garbage');
    const text = /^Error: The index of the store is damaged \(.+\)\.\nTry: Restore the data directory from a backup/;
    expect(errorOf(await loopctl(['list', 'failures'], { data }), 1)).toMatch(text);
    expect(errorOf(await start(LOOPD, [], { data }).ended, 1)).toMatch(text);
  });

  it('a part that was changed is told, and the loop still shown', async () => {
    const { data, ids } = await storeOf(1);
    const [id = ''] = ids;
    const folder = join(data, 'store/loops', id);
    const part = join(folder, readdirSync(folder).find((name) => name.endsWith('.seg')) ?? '');
    writeFileSync(part, 'changed');
    expect(errorOf(await loopctl(['export', id, '-o', join(data, 'x.loop')], { data }), 1)).toMatch(/damaged/);
    expect(readdirSync(data)).not.toContain('x.loop');
    expect(await loopctl(['show', id], { data })).toMatchObject({ code: 0, stderr: '' });
  });

  it('a full disk', async () => {
    const { root } = await storeOf();
    const file = await writeRecording(root, {
      service: 'orders',
      trigger: { answer: { status: 500, body: randomBytes(6_000_000).toString('hex') } },
    });
    const data = join(root, 'small');
    const under = onSmallDisk(data, '5m');
    expect(errorOf(await loopctl(['import', file], { data, under }), 1)).toMatch(
      /^Error: There is no space left for .+\nTry: Free space on the disk, or delete loops/,
    );
    expect(errorOf(await start(LOOPD, [], { data, under: onSmallDisk(data, '16k') }).ended, 1)).toMatch(
      /no space left/i,
    );
  });

  it('a data directory that cannot be made', async () => {
    expect(errorOf(await loopctl(['list', 'failures'], { data: '/dev/null/x' }), 1)).toMatch(
      'The data directory /dev/null/x cannot be made',
    );
    expect(errorOf(await start(LOOPD, [], { data: '/dev/null/x' }).ended, 1)).toMatch(
      'The data directory /dev/null/x cannot be made',
    );
  });
});

describe('the key', () => {
  it('of another store, a damaged one, one that others may read', async () => {
    const { data, ids, root } = await storeOf(1);
    const [id = ''] = ids;
    const key = join(data, 'key');
    const out = join(root, 'x.loop');
    const mine = readFileSync(key, 'utf8');
    chmodSync(key, 0o644);
    expect(errorOf(await loopctl(['export', id, '--open', '-o', out], { data }), 1)).toMatch(
      `Error: Others may read the key file ${key} (mode 0644).\nTry: `,
    );
    chmodSync(key, 0o600);
    writeFileSync(key, mine.slice(0, -20));
    expect(errorOf(await loopctl(['export', id, '--open', '-o', out], { data }), 1)).toMatch(
      /holds no whole key .+\nTry: Restore it from a backup/,
    );
    rmSync(key);
    expect(errorOf(await loopctl(['export', id, '--open', '-o', out], { data }), 1)).toMatch(
      /^Error: Loop \w+ is sealed under the store key [0-9a-f]{16}; the key at hand is [0-9a-f]{16}\.\n/,
    );
    expect(errorOf(await loopctl(['replay', id], { data }), 1)).toMatch(/is sealed under the store key/);
    expect(readdirSync(root)).not.toContain('x.loop');
    expect(await loopctl(['list', 'failures', '-o', 'name'], { data })).toMatchObject({ code: 0, stdout: `${id}\n` });
  });
});

describe('a .loop file', () => {
  it('with names that leave it is refused, and nothing is written', async () => {
    const { root, data } = await storeOf();
    const before = readdirSync(root, { recursive: true }).map(String);
    const file = join(root, 'bad.loop');
    const tar = pack();
    for (const name of ['loop.json', '../../evil', '/etc/evil']) tar.entry({ name }, '{}');
    tar.finalize();
    writeFileSync(file, await Array.fromAsync(tar as AsyncIterable<Buffer>).then((chunks) => Buffer.concat(chunks)));
    expect(errorOf(await loopctl(['import', file], { data }), 1)).toMatch(/^Error: /);
    expect(errorOf(await loopctl(['replay', file], { data }), 1)).toMatch(/^Error: /);
    rmSync(file);
    const made = new Set([
      'data',
      'data/audit.jsonl',
      'data/key',
      'data/store',
      'data/store/audit.ballast',
      'data/store/audit.sqlite',
      'data/store/audit.sqlite-journal',
      'data/store/ballast',
      'data/store/index.sqlite',
      'data/store/loops',
      'data/store/owner.json',
    ]);
    expect(
      readdirSync(root, { recursive: true }).filter(
        (name) => !made.has(String(name)) && !before.includes(String(name)),
      ),
    ).toEqual([]);
  });

  it.each([
    ['that is none', 'hello', /^Error: This is not a loop file/],
    ['that is empty', '', /^Error: This is not a loop file/],
  ])('%s', async (_what, content, text) => {
    const { root, data } = await storeOf();
    writeFileSync(join(root, 'x.loop'), content);
    expect(errorOf(await loopctl(['import', join(root, 'x.loop')], { data }), 1)).toMatch(text);
  });

  it('that was cut off, at any place', async () => {
    const { root, data } = await storeOf();
    const whole = readFileSync(await writeRecording(root, { service: 'orders', trigger: { answer: { status: 500 } } }));
    for (const share of [0.2, 0.5, 0.8]) {
      writeFileSync(join(root, 'cut.loop'), whole.subarray(0, Math.floor(whole.length * share)));
      expect(errorOf(await loopctl(['import', join(root, 'cut.loop')], { data }), 1)).toMatch(/^Error: /);
    }
  });

  it('that is not there', async () => {
    expect(errorOf(await loopctl(['import', '/nowhere/x.loop'], { data: temporaryDirectory() }), 1)).toMatch(
      'Error: The file /nowhere/x.loop cannot be read: ',
    );
  });
});

describe('the machine', () => {
  const NO_NAMESPACES = [
    'unshare',
    '--user',
    '--map-root-user',
    'sh',
    '-c',
    'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"',
    'sh',
  ];

  it('without user namespaces: doctor says so, and so does replay', async () => {
    const project = makeProject({ 'server.mjs': '' });
    const doctor = await loopctl(['doctor'], { data: project.data, under: NO_NAMESPACES });
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(
      /^missing isolation by linux-namespaces \(used\): User namespaces are switched off: user\.max_user_namespaces is 0 .+\n +Try: sudo sysctl user\.max_user_namespaces=\d+$/m,
    );
    const file = await writeRecording(project.root, { service: 'orders', trigger: { answer: { status: 500 } } });
    const replayed = await loopctl(['replay', file], {
      cwd: project.directory,
      data: project.data,
      under: NO_NAMESPACES,
    });
    expect(errorOf(replayed, 1)).toMatch(
      /^Error: User namespaces are switched off: .+\nTry: sudo sysctl user\.max_user_namespaces=\d+\n$/,
    );
  });

  it('without an Envoy: the demo says where one comes from', async () => {
    const data = temporaryDirectory();
    expect(errorOf(await loopctl(['demo'], { data, env: { LOOP_ENVOY: undefined } }), 1)).toMatch(
      /names none\.\nTry: npm run demo/,
    );
    expect(errorOf(await loopctl(['demo'], { data, env: { LOOP_ENVOY: '/nowhere/envoy' } }), 1)).toMatch(
      'Error: LOOP_ENVOY names /nowhere/envoy, which is no program.\nTry: npm run demo',
    );
  });

  it('without a Redis server: likewise', async () => {
    const data = temporaryDirectory();
    const env = { LOOP_ENVOY: process.execPath, LOOP_REDIS: undefined };
    expect(errorOf(await loopctl(['demo'], { data, env }), 1)).toMatch(
      /needs a Redis server, and LOOP_REDIS names none\.\nTry: npm run demo/,
    );
  });

  it('with a port that is taken: the sink’s, the API’s, the whole data directory', async () => {
    const root = temporaryDirectory();
    const config = (name: string, text: string): string => {
      writeFileSync(join(root, name), text);
      return join(root, name);
    };
    const data = join(root, 'one');
    const running = await startLoopd({ data, config: config('free.yaml', 'sink: { port: 0 }\napi: { port: 0 }\n') });
    const sink = running.sinks.find(({ kind }) => kind === 'tcp')?.port;
    const api = new URL(running.api).port;
    const sinkTaken = config('sink.yaml', `sink: { port: ${sink} }\napi: { port: 0 }\n`);
    const apiTaken = config('api.yaml', `sink: { port: 0 }\napi: { port: ${api} }\n`);
    const other = join(root, 'two');
    expect(errorOf(await start(LOOPD, ['--config', sinkTaken], { data: other }).ended, 1)).toMatch(
      new RegExp(`^Error: Cannot listen on 127.0.0.1:${sink}: (?!.*annot listen).*EADDRINUSE`),
    );
    expect(errorOf(await start(LOOPD, ['--config', apiTaken], { data: other }).ended, 1)).toMatch(
      `Error: Cannot listen on 127.0.0.1:${api}: listen EADDRINUSE`,
    );
    expect(errorOf(await start(LOOPD, ['--config', join(root, 'free.yaml')], { data }).ended, 1)).toMatch(
      /Another process \(pid \d+\) holds the store\.\nTry: /,
    );
    // The one that runs has noticed nothing.
    expect(await loopctl(['list', 'failures', '-o', 'json'], { data })).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('with a loopd elsewhere that is not there, or wants another token', async () => {
    const data = temporaryDirectory();
    const env = { LOOP_TOKEN: 'wrong' };
    expect(errorOf(await loopctl(['--url', 'http://127.0.0.1:1', 'list', 'failures'], { env }), 1)).toMatch(
      'Error: loopd at http://127.0.0.1:1 does not answer',
    );
    expect(errorOf(await loopctl(['--url', 'nonsense', 'list', 'failures'], { env }), 1)).toMatch(
      'Error: "nonsense" is no address of a loopd.',
    );
    expect(errorOf(await loopctl(['--url', 'http://127.0.0.1:1', 'list', 'failures']), 4)).toMatch(
      'Try: Set LOOP_TOKEN',
    );
    writeFileSync(join(data, 'c.yaml'), 'sink: { port: 0 }\napi: { port: 0 }\n');
    const { api } = await startLoopd({ data, config: join(data, 'c.yaml') });
    expect(errorOf(await loopctl(['--url', api, 'list', 'failures'], { env }), 4)).toMatch(
      'Error: The token is missing or wrong.\n',
    );
  });
});

it('the program under test is the one of this tree', async () => {
  expect(await start(LOOPCTL, ['--version']).ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});
