/** Breakpoints, exceptions and a person's debugger, on services in several languages in the real sandbox. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { LOOPCTL, start } from '../support/cli.ts';
import { attachPerson } from '../support/dap.ts';
import { GO_SERVICE, PYTHON_SERVICE, SHARE_RECORDING } from '../support/debugged.ts';
import { goPath } from '../support/go-tools.ts';
import { checkedReport, makeProject, nodeService, replayIn } from '../support/project.ts';
import { writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const WAITS = /waits for a debugger on 127\.0\.0\.1:(\d+)/;

describe('a Python service', () => {
  it('stops at a breakpoint and shows its locals; and where an exception is raised, once', async () => {
    const project = makeProject(PYTHON_SERVICE);
    const words = ['--break', 'shares.py:3', '--break-on', 'throw'];
    const { code, report } = await replayIn(project, SHARE_RECORDING, words);
    const locals = [
      { name: 'order', value: "{'price': 5, 'quantity': 0}" },
      { name: 'price', value: '5' },
      { name: 'quantity', value: '0' },
    ];
    expect(report.debugger).toMatchObject({ kind: 'python', hits: 2, bound: [{ file: 'shares.py', line: 3 }] });
    expect(report.debugger.breakpoints).toMatchObject([
      { file: 'shares.py', line: 3, source: 'return order["price"] / order["quantity"]', function: 'share', locals },
      { thrown: 'ZeroDivisionError: division by zero', line: 3, function: 'share', locals },
    ]);
    expect(code).toBe(0);
  });

  it("waits for a person's debugger, whose pause of three seconds is nobody's time-out", async () => {
    const project = makeProject(PYTHON_SERVICE);
    const file = await writeRecording(project.root, SHARE_RECORDING);
    const words = ['replay', file, '-o', 'json', '--inspect=0', '--timeout', '2'];
    const replay = start(LOOPCTL, words, { cwd: project.directory, data: project.data });
    const port = Number(WAITS.exec(await replay.said('stderr', WAITS))?.[1]);
    const path = realpathSync(join(project.directory, 'shares.py'));
    const person = await attachPerson(port, { justMyCode: false }, { path, line: 3 });
    onTestFinished(() => person.adapter.close());
    const threadId = await person.stopped;
    expect(await person.evaluate(threadId, 'order')).toBe("{'price': 5, 'quantity': 0}");
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await person.adapter.send('continue', { threadId });
    const { stdout } = await replay.ended;
    expect(checkedReport(stdout)).toMatchObject({ outcome: 'reproduced', debugger: { kind: 'python', port } });
  });
});

describe('a Go service', () => {
  it('is built for delve, stops at a breakpoint, whose line may be empty, and at a panic that is recovered', async () => {
    const project = makeProject(GO_SERVICE);
    const words = ['--break', 'share.go:4', '--break-on', 'throw'];
    const { code, report } = await replayIn(project, SHARE_RECORDING, words, { env: { PATH: goPath() } });
    expect(report.debugger).toMatchObject({ kind: 'go', hits: 2, bound: [{ file: 'share.go', line: 4 }] });
    const place = { line: 5, source: 'return order.Price / order.Quantity', function: 'main.share' };
    const locals = [{ name: 'order', value: 'main.Order {Price: 5, Quantity: 0}' }];
    expect(report.debugger.breakpoints).toMatchObject([
      { file: 'share.go', ...place, locals },
      { thrown: expect.stringContaining('divide') as string, ...place, locals },
    ]);
    expect(code).toBe(0);
  });
});

describe('a Node service behind npm', () => {
  it('stops where it throws, in its own code, and npm does not wait for anybody', async () => {
    const files = {
      ...nodeService(
        `const { price } = await (await fetch('http://prices.test/8')).json();
     answer(200, share(price, JSON.parse(text).quantity));`,
        `import { share } from './share.mjs';`,
      ),
      'share.mjs': `export function share(price, quantity) {
  if (quantity === 0) throw new RangeError(\`\${price} for nobody\`);
  return price / quantity;
}
`,
      'package.json': JSON.stringify({ type: 'module', scripts: { start: 'node server.mjs' } }),
    };
    const recording = {
      ...SHARE_RECORDING,
      trigger: { ...SHARE_RECORDING.trigger, answer: { status: 500, body: '{"error":"RangeError"}' } },
    };
    const yaml = `version: 1\nservices:\n  orders:\n    command: [npm, start]\n    port: 8080\n    ready: /healthz\n`;
    const project = makeProject({ 'loop.yaml': yaml, ...files });
    const { code, report } = await replayIn(project, recording, ['--break-on', 'throw']);
    expect(report.debugger.breakpoints).toMatchObject([
      {
        thrown: 'RangeError: 5 for nobody',
        line: 2,
        function: 'share',
        locals: [
          { name: 'price', value: '5' },
          { name: 'quantity', value: '0' },
        ],
      },
    ]);
    expect(code).toBe(0);
  });
});
