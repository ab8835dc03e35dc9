import { describe, expect, it } from 'vitest';
import { Breakpoints } from '../../../../replay-sandbox/debug/node/breakpoints.ts';
import { startInspected } from '../../../support/inspected.ts';

/** What is shown of `const x = <expression>`, in a function with these statements before it. */
async function shown(
  expression: string,
  before = '',
): Promise<{ readonly text: string | undefined; readonly stdout: string }> {
  const script = `function look() { ${before}\n  const x = ${expression};\n  return typeof x;\n}\nlook();\nconsole.log('ended');\n`;
  const { port, ended } = await startInspected(script);
  const breakpoints = await Breakpoints.attach({
    port,
    breakpoints: [{ file: 'script.mjs', line: 3 }],
    over: new AbortController().signal,
    projectDirectory: '/nowhere',
  });
  await breakpoints.start();
  const { stdout } = await ended;
  return { text: breakpoints.shown()[0]?.locals.find(({ name }) => name === 'x')?.value, stdout };
}

describe('a value', () => {
  it.each([
    ['NaN', 'NaN'],
    ['-0', '-0'],
    ['12n', '12n'],
    ['undefined', 'undefined'],
    ['null', 'null'],
    ['"a\\nb"', '"a\\nb"'],
    ['Symbol("s")', 'Symbol(s)'],
    ['[1, [2, [3, [4, [5]]]]]', '[1, [2, [3, […]]]]'],
    ['[]', '[]'],
    ['{ a: { b: { c: { d: 1 } } } }', '{ a: { b: { c: {…} } } }'],
    ['Array.from({ length: 12 }, (_, i) => i)', '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …]'],
    ['new (class Money { cents = 5 })()', 'Money { cents: 5 }'],
    ['new Date(0)', '1970-01-01T00:00:00.000Z'],
    ['new Date(NaN)', 'Invalid Date'],
    ['new RangeError("too far")', 'RangeError: too far'],
    ['new Map([["a", 1]])', 'Map(1){ a: 1 }'],
    ['new Set([1, 2])', 'Set(2)[1, 2]'],
  ])('%s is shown as %s', async (expression, text) => {
    expect((await shown(expression)).text).toBe(text);
  });

  it('is shown without running the service’s code', async () => {
    const { text, stdout } = await shown(`{ get total() { console.log('ran'); return 1; }, a: 1 }`);
    expect(text).toBe('{ total: (getter), a: 1 }');
    expect(stdout).toBe('ended\n');
  });

  it('that refers to itself, or is very long, comes to an end', async () => {
    expect((await shown('self', 'const self = {}; self.self = self;')).text).toBe('{ self: { self: { self: {…} } } }');
    expect((await shown('{ a: "x".repeat(10_000) }')).text).toHaveLength(400);
  });
});

describe('a name', () => {
  it('of a block hides the one outside, as in the code', async () => {
    const { port, ended } = await startInspected(
      `function look(x) {\n  { let x = 2, y = 3;\n    x += y;\n  }\n}\nlook(1);\n`,
    );
    const breakpoints = await Breakpoints.attach({
      port,
      breakpoints: [{ file: 'script.mjs', line: 3 }],
      over: new AbortController().signal,
      projectDirectory: '/nowhere',
    });
    await breakpoints.start();
    await ended;
    expect(breakpoints.shown()[0]?.locals).toEqual([
      { name: 'x', value: '2' },
      { name: 'y', value: '3' },
    ]);
  });
});
