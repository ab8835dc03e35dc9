/** A person's debugger, and breakpoints from the command line, on a service under replay. */
import CDP from 'chrome-remote-interface';
import type { Protocol } from 'devtools-protocol';
import { ModuleKind, transpileModule } from 'typescript';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';
import { LOOPCTL, start } from '../support/cli.ts';
import { makeProject, nodeService, replayIn, SERVICE } from '../support/project.ts';
import { writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const WAITS = /waits for a debugger on 127\.0\.0\.1:(\d+)/;

const FILES = {
  ...nodeService(
    `const { price } = await (await fetch('http://prices.test/8')).json();
     answer(500, { total: total(price, JSON.parse(text).quantity) });`,
    `import { total } from './total.mjs';`,
  ),
  'total.mjs': `export function total(price, quantity) {
  const share = price / quantity;
  return Math.floor(share);
}
`,
};

const RECORDING = {
  service: SERVICE,
  trigger: { method: 'POST', body: '{"quantity":0}', answer: { status: 500, body: '{"total":null}' } },
  calls: [{ path: '/8', authority: 'prices.test', answer: { status: 200, body: '{"price":0}' } }],
};

describe('--inspect', () => {
  it('holds the request until a debugger has attached and says run; its breakpoint sees the recorded values', async () => {
    const project = makeProject(FILES);
    const file = await writeRecording(project.root, RECORDING);
    const words = ['replay', file, '-o', 'json', '--inspect=0'];
    const replay = start(LOOPCTL, words, { cwd: project.directory, data: project.data });
    const waiting = await replay.said('stderr', WAITS);
    const port = Number(WAITS.exec(waiting)?.[1]);
    const client = await CDP({ host: '127.0.0.1', port });
    onTestFinished(() => client.close().catch(() => undefined));
    await client.Runtime.enable();
    await client.Debugger.enable({});
    await client.Debugger.setBreakpointByUrl({ urlRegex: 'total\\.mjs$', lineNumber: 2 });
    const paused = new Promise<Protocol.Debugger.PausedEvent>((resolve) => {
      client.on('Debugger.paused', resolve);
    });
    // It has not run a line yet: a service that runs says so, and gets its request.
    expect(await replay.said('stderr', 'node inspect')).not.toContain('the service is ready');
    await client.Runtime.runIfWaitingForDebugger();
    const { callFrames } = await paused;
    const values = await Promise.all(
      ['price', 'quantity', 'share'].map(async (expression) => {
        const callFrameId = callFrames[0]?.callFrameId ?? '';
        const { result } = await client.Debugger.evaluateOnCallFrame({ callFrameId, expression });
        return result.unserializableValue ?? (result.value as unknown);
      }),
    );
    expect(values).toEqual([0, 0, 'NaN']);
    // The replay may have ended before this is answered.
    await client.Debugger.resume({}).catch(() => undefined);
    const { code, stdout } = await replay.ended;
    expect(REPLAY_REPORT.parse(JSON.parse(stdout))).toMatchObject({
      outcome: 'reproduced',
      debugger: { kind: 'node', port },
    });
    expect(code).toBe(0);
  });

  it('a port that is taken: a sentence, and what to type', async () => {
    const project = makeProject(FILES);
    const file = await writeRecording(project.root, RECORDING);
    const first = start(LOOPCTL, ['replay', file, '--inspect=0'], { cwd: project.directory, data: project.data });
    const waiting = await first.said('stderr', WAITS);
    const port = WAITS.exec(waiting)?.[1] ?? '';
    const second = start(LOOPCTL, ['replay', file, `--inspect=${port}`], {
      cwd: project.directory,
      data: project.data,
    });
    const { code, stderr } = await second.ended;
    expect(code).toBe(1);
    expect(stderr).toContain(
      `\nError: Port ${port} is taken; the debugger has no way in.\nTry: --inspect=0, which takes any free port.\n`,
    );
  });
});

describe('--break', () => {
  it('prints line, locals and callers, and lets the service go on', async () => {
    const project = makeProject(FILES);
    const { code, report } = await replayIn(project, RECORDING, ['--break', 'total.mjs:3']);
    expect(report.debugger).toMatchObject({
      kind: 'node',
      hits: 1,
      bound: [{ file: 'total.mjs', line: 3 }],
      unbound: [],
    });
    expect(report.debugger.breakpoints).toMatchObject([
      {
        file: 'total.mjs',
        line: 3,
        source: 'return Math.floor(share);',
        function: 'total',
        locals: [
          { name: 'price', value: '0' },
          { name: 'quantity', value: '0' },
          { name: 'share', value: 'NaN' },
        ],
      },
    ]);
    expect(code).toBe(0);
  });
});

/** As tsc writes it. */
function compiled(file: string, text: string): Readonly<Record<string, string>> {
  const compilerOptions = { module: ModuleKind.ES2022, sourceMap: true, removeComments: true };
  const { outputText, sourceMapText = '' } = transpileModule(text, { compilerOptions, fileName: file });
  const map = { ...(JSON.parse(sourceMapText) as object), sources: [`../src/${file}`] };
  const script = `dist/${file.replace(/ts$/, 'js')}`;
  return { [`src/${file}`]: text, [script]: outputText, [`${script}.map`]: JSON.stringify(map) };
}

describe('--break in TypeScript', () => {
  it('stops in what was compiled from it, and shows it as it was written', async () => {
    const total = `/** Of what is paid. */
export interface Payment {
  readonly price: number;
}

// Nobody pays nothing.
export function total({ price }: Payment, quantity: number): number {

  const share: number = price / quantity;
  return Math.floor(share);
}
`;
    const project = makeProject({
      ...nodeService(
        `const { price } = await (await fetch('http://prices.test/8')).json();
     answer(500, { total: total({ price }, JSON.parse(text).quantity) });`,
        `import { total } from './dist/total.js';`,
      ),
      ...compiled('total.ts', total),
      'package.json': '{"type":"module"}',
    });
    const words = ['--break', 'src/total.ts:10', '--break', 'dist/total.js:2', '--break', 'total.ts:99'];
    const { report } = await replayIn(project, RECORDING, words);
    expect(report.debugger).toMatchObject({
      hits: 2,
      bound: expect.arrayContaining([{ file: 'src/total.ts', line: 10 }]),
      unbound: [{ file: 'total.ts', line: 99 }],
    });
    const written = report.debugger.breakpoints.find(({ file }) => file === 'src/total.ts');
    expect(written).toMatchObject({
      line: 10,
      source: 'return Math.floor(share);',
      function: 'total',
      locals: expect.arrayContaining([{ name: 'share', value: 'NaN' }]),
    });
    expect(written?.stack[0]).toMatch(/^total \(.*\/src\/total\.ts:10\)$/);
    expect(report.outcome).toBe('reproduced');
  });
});
