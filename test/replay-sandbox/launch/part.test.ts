import { expect, it } from 'vitest';
import { joinCommand, joinEnvironment } from '../../../replay-sandbox/launch/part.ts';

it('of two that set a variable the later wins', () => {
  expect(joinEnvironment({ A: '1', B: '1' }, [{ env: { A: '2' } }, { env: { A: '3', C: '3' } }])).toEqual({
    A: '3',
    B: '1',
    C: '3',
  });
});

it.each([
  ['NODE_OPTIONS', '--a --b'],
  ['JAVA_TOOL_OPTIONS', '--a --b'],
  ['LD_PRELOAD', '--a:--b'],
  ['PYTHONPATH', '--a:--b'],
])('%s holds the words of both', (name, both) => {
  expect(joinEnvironment({}, [{ env: { [name]: '--a' } }, { env: { [name]: '--b' } }])).toEqual({ [name]: both });
});

it('an empty list has no words', () => {
  expect(joinEnvironment({ LD_PRELOAD: '' }, [{ env: { LD_PRELOAD: '/a.so' } }])).toEqual({ LD_PRELOAD: '/a.so' });
});

it('each part sees what those before it made of the command', () => {
  const parts = [
    {},
    { command: (words: readonly string[]) => ['a', ...words] },
    { command: (words: readonly string[]) => ['b', ...words] },
  ];
  expect(joinCommand(['x'], parts)).toEqual(['b', 'a', 'x']);
});
