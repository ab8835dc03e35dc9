import { describe, expect, it } from 'vitest';
import { Breakpoints } from '../../../../replay-sandbox/debug/node/breakpoints.ts';
import type { BreakpointPlace } from '../../../../replay-sandbox/debug/place.ts';
import { startInspected } from '../../../support/inspected.ts';

const GOING_ON = new AbortController().signal;

/** Runs the script to its end with these breakpoints. */
async function run(script: string, ...places: readonly BreakpointPlace[]) {
  const { port, ended, file } = await startInspected(script);
  const breakpoints = await Breakpoints.attach({
    port,
    breakpoints: places,
    over: GOING_ON,
    projectDirectory: '/nowhere',
  });
  await breakpoints.start();
  const { code, stdout } = await ended;
  return { breakpoints, code, stdout, file };
}

const at = (line: number): BreakpointPlace => ({ file: 'script.mjs', line });

describe('a breakpoint', () => {
  it('is looked at, and the process goes on to its end', async () => {
    const { breakpoints, code, stdout, file } = await run(
      `function half(value) {\n  const result = value / 2;\n  return result;\n}\nfunction outer() { return half(3); }\nconsole.log(outer());\n`,
      at(3),
    );
    expect([code, stdout]).toEqual([0, '1.5\n']);
    expect(breakpoints.hits()).toBe(1);
    expect(breakpoints.shown()).toMatchObject([
      {
        file: 'script.mjs',
        line: 3,
        source: 'return result;',
        function: 'half',
        locals: [
          { name: 'value', value: '3' },
          { name: 'result', value: '1.5' },
        ],
      },
    ]);
    expect(breakpoints.shown()[0]?.stack.slice(0, 2)).toEqual([`half (${file}:3)`, `outer (${file}:5)`]);
  });

  it('in a hot loop is shown twenty times and counted to the end', async () => {
    const { breakpoints, stdout } = await run(
      `let sum = 0;\nfor (let i = 0; i < 60; i += 1)\n  sum += i;\nconsole.log(sum);\n`,
      at(3),
    );
    expect(stdout).toBe('1770\n');
    expect([breakpoints.hits(), breakpoints.shown().length]).toEqual([60, 20]);
  });

  it('slides to the next line with code; one beyond the end, or in another file, is not bound', async () => {
    const { breakpoints } = await run(`let a = 1;\n\n// nothing here\na += 1;\n`, at(2), at(99), {
      file: 'other.mjs',
      line: 1,
    });
    expect(breakpoints.shown().map(({ line }) => line)).toEqual([4]);
    expect(breakpoints.bound()).toEqual([at(2)]);
    expect(breakpoints.unbound()).toEqual([at(99), { file: 'other.mjs', line: 1 }]);
  });
});

describe('the end of the process', () => {
  it('comes although a debugger is attached, with its own exit code', async () => {
    const { code } = await run(`process.exitCode = 3;\n`, at(1));
    expect(code).toBe(3);
  });

  it('by an exit in the middle, too, and closing afterwards is no error', async () => {
    const { breakpoints, code } = await run(
      `import vm from 'node:vm';\nvm.runInNewContext('1');\nprocess.exit(4);\n`,
      at(9),
    );
    expect(code).toBe(4);
    await expect(breakpoints.close()).resolves.toBeUndefined();
  });
});

it('gives up when it is over', async () => {
  const over = AbortSignal.abort();
  await expect(
    Breakpoints.attach({ port: 1, breakpoints: [], over, projectDirectory: '/nowhere' }),
  ).rejects.toMatchObject({
    code: 'debugger',
    hint: expect.any(String) as string,
  });
});
