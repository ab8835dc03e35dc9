import { expect, it } from 'vitest';
import { readSet } from '../../../replay-sandbox/edit/change.ts';
import { changedCommand } from '../../../replay-sandbox/edit/values.ts';
import { recorded, said } from '../../support/redis-commands.ts';

/** The reply on the wire, once the first command's is set. */
function set(value: string, ...sent: Parameters<typeof recorded>[0]): string {
  const [answer] = recorded(sent).slice(sent.length === 1 ? 0 : 1);
  if (answer === undefined) throw new Error('nothing was recorded');
  return Buffer.concat(changedCommand(answer, readSet(`1:value=${value}`)).command.response).toString();
}

it.each([
  ['an integer', said('INCR k', ':7'), '9', ':9\r\n'],
  ['one of 19 digits', said('INCR k', ':7'), '-1850000000000000001', ':-1850000000000000001\r\n'],
  ['a string', said('GET k', '$1|a'), '9', '$1\r\n9\r\n'],
  ['nothing', said('GET k', '$-1'), 'zz', '$2\r\nzz\r\n'],
  ['into nothing', said('GET k', '$1|a'), 'null', '$-1\r\n'],
])('%s keeps its kind', (_, sent, value, wire) => {
  expect(set(value, sent)).toBe(wire);
});

it.each([
  ['text for an integer', 'zz', [said('INCR k', ':7')], 'it is an integer, and stays one'],
  ['an array', '{"a":"c"}', [said('HGETALL k', '*2|$1|a|$1|b')], 'it is a list of values'],
  ['an array by nothing', 'null', [said('HGETALL k', '*2|$1|a|$1|b')], 'it is a list of values'],
  [
    'a command inside MULTI',
    'zz',
    [said('MULTI', '+OK'), said('GET k', '+QUEUED'), said('EXEC', '*1|$1|a')],
    'it is inside MULTI',
  ],
])('%s is refused', (_, value, sent, why) => {
  expect(() => set(value, ...sent)).toThrow(
    expect.objectContaining({ code: 'bad-config', message: expect.stringContaining(why) as string }) as Error,
  );
});
