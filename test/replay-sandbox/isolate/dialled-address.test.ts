import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { dialledAddress } from '../../../replay-sandbox/isolate/dialled-address.ts';

it.each([
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8::9', '2001:db8::9'],
  [undefined, ''],
])('%s is %s', (localAddress, dialled) => {
  expect(dialledAddress({ localAddress } as Socket)).toBe(dialled);
});
