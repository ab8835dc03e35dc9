import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findApps } from './manifest.ts';

it('each protocol has a file that runs its rows', () => {
  const protocols = new Set(findApps().map(({ protocol }) => protocol));
  const file = (protocol: string) => fileURLToPath(new URL(`../e2e/matrix-${protocol}.test.ts`, import.meta.url));
  expect([...protocols].filter((protocol) => !existsSync(file(protocol)))).toEqual([]);
});
