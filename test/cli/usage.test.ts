import { expect, it } from 'vitest';
import { usageError } from '../../cli/usage.ts';

it.each([
  ["error: unknown option '--x'\n", "Error: Unknown option '--x'.\nTry: loopctl list --help\n"],
  [
    "error: unknown command 'lst'\n(Did you mean list?)\n",
    "Error: Unknown command 'lst'. (Did you mean list?)\nTry: loopctl list --help\n",
  ],
  [
    "error: option '-n <n>' argument 'x' is invalid. a number from 1 to 2\n",
    "Error: Option '-n <n>' argument 'x' is invalid: a number from 1 to 2.\nTry: loopctl list --help\n",
  ],
])('%j', (text, said) => {
  expect(usageError(text, 'loopctl list')).toBe(said);
});
