import { expect, it } from 'vitest';
import { commandsIn } from './redis.ts';

it('shows commands as calls do, bytes as they were, and none that a script asked', () => {
  const lines = [
    String.raw`+1339518083.107412 [0 127.0.0.1:60866] "set" "caf\xc3\xa9" "a \"b\"\n\x00"`,
    '+1339518083.107413 [0 lua] "incr" "k"',
    '+OK',
  ];
  expect(commandsIn(lines)).toEqual([{ connection: '127.0.0.1:60866', text: String.raw`SET café "a \"b\"\n\x00"` }]);
});
