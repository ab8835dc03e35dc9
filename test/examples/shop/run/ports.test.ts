import { expect, test } from 'vitest';
import { freePorts } from '../../../../examples/shop/run/ports.ts';

test('no port comes twice', async () => {
  const ports = await freePorts(30);
  expect(new Set(ports).size).toBe(30);
});
