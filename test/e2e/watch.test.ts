/** Again at every save: what a person sees who mends a service beside a terminal. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { LOOPCTL, start } from '../support/cli.ts';
import type { TestProject } from '../support/project.ts';
import { makeProject, nodeService, SERVICE } from '../support/project.ts';
import { onTerminal } from '../support/pty.ts';
import { recordingOf, writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const RECORDING = {
  service: SERVICE,
  trigger: { path: '/orders/7', answer: { status: 500, body: '{"error":"TypeError"}' } },
  companions: [
    recordingOf({
      service: SERVICE,
      number: 2,
      purpose: 'exemplar',
      trigger: { path: '/orders/1', answer: { status: 200, body: '{"id":1}' } },
    }),
  ],
};
// It writes, too: into its project, as services do.
const BUGGY = nodeService(
  "writeFileSync('written-by-it.json', String(Math.random())); null.id;",
  "import { writeFileSync } from 'node:fs';",
);
const MENDED = nodeService('answer(200, { id: 7 });');
const HANGING = nodeService('');

function save(project: TestProject, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project.directory, name), text);
}

async function watching(command: string, words: readonly string[] = []) {
  const project = makeProject(BUGGY);
  for (const inner of ['node_modules/some', '.git', 'dist'])
    mkdirSync(join(project.directory, inner), { recursive: true });
  const file = await writeRecording(project.root, RECORDING);
  const program = start(LOOPCTL, [command, file, '--watch', '--quiet', ...words], {
    cwd: project.directory,
    data: project.data,
  });
  return { project, program };
}

it('replay: a save runs it again, what is built or written by it does not, and Ctrl-C ends it', async () => {
  const { project, program } = await watching('replay');
  await program.said('stdout', /500 {2}reproduced.*\(start\)\n/);
  save(project, { 'node_modules/some/index.js': '1', '.git/index': '1', 'dist/server.js': '1', 'service.log': '1' });
  // In a directory that was not there when it began.
  mkdirSync(join(project.directory, 'source'));
  await program.said('stdout', /\(source\)\n/);
  save(project, { 'source/helper.mjs': '1' });
  await program.said('stdout', /\(source\/helper\.mjs\)\n/);
  save(project, MENDED);
  const seen = await program.said('stdout', /200 {2}answered differently.*\(server\.mjs\)\n/);
  expect(seen).not.toMatch(/node_modules|\.git|dist|service\.log|written-by-it/);
  program.child.kill('SIGINT');
  expect((await program.ended).code).toBe(0);
});

it('verify: a save while it runs ends that run', async () => {
  const { project, program } = await watching('verify', ['--timeout', '300']);
  await program.said('stdout', /still fails.*\(start\)\n/);
  save(project, HANGING);
  await program.said('stderr', /sending[^]*sending/);
  save(project, MENDED);
  const seen = await program.said('stdout', /the failure is gone.*\(server\.mjs\)\n/);
  expect(seen.trim().split('\n')).toHaveLength(2);
  program.child.kill('SIGINT');
  expect((await program.ended).code).toBe(0);
});

it.each([
  ['q ends it', '(start)', 'q', /\(start\)/],
  ['r runs it again', '(start)', 'r', /\(start\)[^]*\(r\)/],
])('on a terminal, %s', async (_name, prompt, typed, expected) => {
  const project = makeProject(MENDED);
  const file = await writeRecording(project.root, RECORDING);
  const words = [LOOPCTL, 'verify', file, '--watch', '--quiet'];
  const shell = `cd '${project.directory}' && exec "$@"`;
  const argv = ['sh', '-c', shell, 'sh', process.execPath, '--disable-warning=ExperimentalWarning', ...words];
  const env = { ...process.env, LOOP_DATA: project.data };
  const { seen, code } = await onTerminal(argv, { prompt, typed, env, after: typed === 'q' ? [] : [['(r)', 'q']] });
  expect(seen).toMatch(expected);
  expect(code).toBe(0);
});
