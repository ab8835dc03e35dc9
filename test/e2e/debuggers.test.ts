/** Breakpoints and exceptions of the command line, on services in several languages in the real sandbox. */
import { beforeEach, describe, expect, it } from 'vitest';
import { GO_SERVICE, PYTHON_SERVICE, SHARE_RECORDING } from '../support/debugged.ts';
import { goPath } from '../support/go-tools.ts';
import { makeProject, nodeService, replayIn } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

/** A runtime that knows the clock is built with everything above it, once. */
const FIRST_BUILD = { timeout: 400_000 };

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
});

describe('a Go service', () => {
  it(
    'is built for delve, stops at a breakpoint, whose line may be empty, and at a panic that is recovered',
    FIRST_BUILD,
    async () => {
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
    },
  );

  it("that ends has its own exit code, not the debugger's", FIRST_BUILD, async () => {
    const project = makeProject(GO_SERVICE);
    const trigger = { ...SHARE_RECORDING.trigger, body: '{"quantity":-1}', answer: 'none' } as const;
    const recording = { ...SHARE_RECORDING, trigger, calls: [] };
    const { report } = await replayIn(project, recording, ['--break', 'share.go:5'], { env: { PATH: goPath() } });
    expect(report).toMatchObject({ exitCode: 3, debugger: { hits: 0, bound: [{ file: 'share.go', line: 5 }] } });
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
