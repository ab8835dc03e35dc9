import { expect, it } from 'vitest';
import { isGood } from './row.ts';
import type { Row } from './row.ts';

it('a row is good only when all of it is', () => {
  const row: Row = {
    protocol: 'postgres',
    driver: 'pg',
    language: 'node',
    version: '8',
    server: 'PostgreSQL',
    workload: 'all',
    statements: 2,
    identical: 2,
    drifted: 0,
    missed: 0,
    outcome: 'reproduced',
    remarks: [],
    seconds: 1,
  };
  expect(isGood(row)).toBe(true);
  expect(isGood({ ...row, statements: 0, identical: 0 })).toBe(false);
  expect(isGood({ ...row, identical: 1 })).toBe(false);
  expect(isGood({ ...row, missed: 1 })).toBe(false);
  expect(isGood({ ...row, drifted: 1 })).toBe(false);
  expect(isGood({ ...row, outcome: 'differs' })).toBe(false);
  expect(isGood({ protocol: 'postgres', driver: 'pg', language: 'node', unavailable: 'no node' })).toBe(false);
});
