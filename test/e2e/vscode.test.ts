/** What a person does in VS Code: start the replay, attach by its launch.json, look, go on. With clients that others have written. */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import CDP from 'chrome-remote-interface';
import type { Protocol } from 'devtools-protocol';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Program } from '../support/cli.ts';
import { LOOPCTL, start } from '../support/cli.ts';
import { GO_SERVICE, PYTHON_SERVICE, SHARE_RECORDING } from '../support/debugged.ts';
import { goPath } from '../support/go-tools.ts';
import type { TestProject } from '../support/project.ts';
import { checkedReport, makeProject, nodeService } from '../support/project.ts';
import type { RecordingOf } from '../support/recording.ts';
import { writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import type { LaunchEntry } from '../support/vscode.ts';
import { openEditor } from '../support/vscode.ts';

beforeEach(skipWithoutNamespaces);

const ENTRY = /VS Code, launch\.json: (\{.*\})\n/;
/** Longer than every time-out of these services, their mocks and the trigger. */
const LOOKS_AROUND_MS = 3000;

interface Held extends Program {
  /** As it was printed. */
  readonly entry: LaunchEntry;
}

/** The replay, once it waits for a debugger. */
async function held(
  project: TestProject,
  recording: RecordingOf,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Held> {
  const file = await writeRecording(project.root, recording);
  const all = ['replay', file, '-o', 'json', '--inspect=0', '--timeout', '2', ...words];
  const replay = start(LOOPCTL, all, { cwd: project.directory, data: project.data, env });
  const [, printed = ''] = ENTRY.exec(await replay.said('stderr', ENTRY)) ?? [];
  return { ...replay, entry: JSON.parse(printed) as LaunchEntry };
}

/** Nothing has run yet: a service that runs becomes ready, and gets its request. */
async function expectHeld(replay: Program): Promise<void> {
  expect(await replay.said('stderr', 'launch.json')).not.toContain('sending');
}

async function expectReproduced(replay: Program, kind: string): Promise<void> {
  const { code, stdout, stderr } = await replay.ended;
  expect(stderr).toContain('sending');
  expect(checkedReport(stdout)).toMatchObject({ outcome: 'reproduced', debugger: { kind }, missed: [] });
  expect(code).toBe(0);
}

describe('VS Code attaches to Python', () => {
  it('by the entry that --save-launch writes; its breakpoint, its pause of seconds, its locals', async () => {
    const project = makeProject(PYTHON_SERVICE);
    const replay = await held(project, SHARE_RECORDING, ['--save-launch']);
    const saved = JSON.parse(readFileSync(join(project.directory, '.vscode', 'launch.json'), 'utf8')) as unknown;
    expect(saved).toEqual({ version: '0.2.0', configurations: [replay.entry] });
    const path = realpathSync(join(project.directory, 'shares.py'));
    const editor = await openEditor(replay.entry, { path, line: 3 });
    await expectHeld(replay);
    await editor.run();
    const threadId = await editor.stopped;
    expect(await editor.locals(threadId)).toMatchObject({ price: '5', order: "{'price': 5, 'quantity': 0}" });
    await delay(LOOKS_AROUND_MS);
    // The answer may be there, and the replay over, before the adapter says so.
    void editor.client.continueRequest({ threadId }).catch(() => undefined);
    await expectReproduced(replay, 'python');
  });
});

describe('VS Code attaches to Go', () => {
  it('by the printed entry; its breakpoint, its pause of seconds, its locals', { timeout: 400_000 }, async () => {
    const project = makeProject(GO_SERVICE);
    const replay = await held(project, SHARE_RECORDING, [], { PATH: goPath() });
    const path = realpathSync(join(project.directory, 'share.go'));
    const editor = await openEditor(replay.entry, { path, line: 5 });
    await expectHeld(replay);
    await editor.run();
    const threadId = await editor.stopped;
    expect(await editor.locals(threadId)).toMatchObject({ order: 'main.Order {Price: 5, Quantity: 0}' });
    await delay(LOOKS_AROUND_MS);
    void editor.client.continueRequest({ threadId }).catch(() => undefined);
    await expectReproduced(replay, 'go');
  });
});

/** Has a second for everything, and stops for a look in it. */
const NODE_FILES = nodeService(
  `const signal = AbortSignal.timeout(1000);
    const { quantity } = JSON.parse(text);
    const { price } = await (await fetch('http://prices.test/8', { signal })).json();
    answer(500, { price, quantity });`,
);
const NODE_RECORDING = {
  ...SHARE_RECORDING,
  trigger: { ...SHARE_RECORDING.trigger, answer: { status: 500, body: '{"price":5,"quantity":0}' } },
};

describe('VS Code attaches to Node', () => {
  it("by the printed entry; its pause is longer than the service's own time-out, which does not fire", async () => {
    const project = makeProject(NODE_FILES);
    const replay = await held(project, NODE_RECORDING, ['--clock', 'shift']);
    const client = await CDP({ host: '127.0.0.1', port: replay.entry.port ?? 0 });
    onTestFinished(() => client.close().catch(() => undefined));
    await client.Runtime.enable();
    await client.Debugger.enable({});
    const lines = (NODE_FILES['server.mjs'] ?? '').split('\n');
    const lineNumber = lines.findIndex((line) => line.includes('await fetch'));
    await client.Debugger.setBreakpointByUrl({ urlRegex: 'server\\.mjs$', lineNumber });
    const paused = new Promise<Protocol.Debugger.PausedEvent>((resolve) => client.on('Debugger.paused', resolve));
    await expectHeld(replay);
    await client.Runtime.runIfWaitingForDebugger();
    const [frame] = (await paused).callFrames;
    const { result } = await client.Debugger.evaluateOnCallFrame({
      callFrameId: frame?.callFrameId ?? '',
      expression: 'quantity',
    });
    expect(result.value).toBe(0);
    await delay(LOOKS_AROUND_MS);
    // The replay may have ended before this is answered.
    await client.Debugger.resume({}).catch(() => undefined);
    await expectReproduced(replay, 'node');
  });
});
