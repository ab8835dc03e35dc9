import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listOf, memberOf, parseMi, quoteMi, textOf } from '../../../../replay-sandbox/debug/native/mi.ts';

describe('a record', () => {
  it.each([
    ['(gdb) ', { kind: 'prompt' }],
    ['12^done', { kind: 'result', token: 12, name: 'done', results: {} }],
    [
      '3^error,msg="No symbol \\"x\\" in current context."',
      { kind: 'result', token: 3, name: 'error', results: { msg: 'No symbol "x" in current context.' } },
    ],
    ['~"a\\tb\\n"', { kind: 'text', text: 'a\tb\n' }],
    ['~"caf\\303\\251"', { kind: 'text', text: 'café' }],
    ['*running,thread-id="all"', { kind: 'event', name: 'running', results: { 'thread-id': 'all' } }],
    [
      '7^done,stack=[frame={level="0",func="total",line="8"},frame={level="1",func="main"}]',
      {
        kind: 'result',
        token: 7,
        name: 'done',
        results: {
          stack: [
            { level: '0', func: 'total', line: '8' },
            { level: '1', func: 'main' },
          ],
        },
      },
    ],
    [
      '8^done,bkpt={number="1",addr="<MULTIPLE>",locations=[{number="1.1"},{number="1.2"}]}',
      {
        kind: 'result',
        token: 8,
        name: 'done',
        results: { bkpt: { number: '1', addr: '<MULTIPLE>', locations: [{ number: '1.1' }, { number: '1.2' }] } },
      },
    ],
  ])('%s', (line, record) => {
    expect(parseMi(line)).toEqual(record);
  });

  it.each([
    '',
    'the service printed this',
    '5^',
    '^done,',
    '^done,a=',
    '^done,a="',
    '^done,a={b="1"',
    '^done,a=[,]',
    `^done,a=${'['.repeat(100)}`,
  ])('that cannot be read is a fault: %s', (line) => {
    expect(parseMi(line)).toEqual({ kind: 'fault' });
  });

  it('never throws; its members are its own', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseMi(text);
        parseMi(`1^done,${text}`);
        parseMi(`*stopped,a=${text}`);
      }),
    );
    const record = parseMi('*stopped,a={}');
    expect(record.kind === 'event' && memberOf(record.results['a'], 'constructor')).toBeUndefined();
    expect([textOf('x', 'y'), listOf('x')]).toEqual(['', []]);
  });
});

it('an argument cannot end its command', () => {
  expect(quoteMi('a" b\\\n-exec-run')).toBe('"a\\" b\\\\ -exec-run"');
});
