import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { REPLAY_REPORT, reportDifference, reportDivergence } from '../../../replay-sandbox/report/report.ts';

it('the published schema is that of the code', () => {
  const file = new URL('../../../docs/schema/replay-report.json', import.meta.url);
  const { title, ...published } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  expect(title).toBe('loopctl replay -o json');
  expect(published).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(REPLAY_REPORT))));
});

it('a difference leaves out what was not there', () => {
  expect(reportDifference({ where: 'status', recorded: '500', asked: undefined, noise: false })).toEqual({
    where: 'status',
    recorded: '500',
  });
  expect(reportDifference({ where: 'body', recorded: undefined, asked: 'x', noise: false })).toEqual({
    where: 'body',
    replayed: 'x',
  });
});

it('a difference between long values shows their beginnings', () => {
  const { recorded } = reportDifference({ where: 'body', recorded: 'x'.repeat(9000), asked: 'y', noise: false });
  expect(recorded).toBe(`${'x'.repeat(4096)}… (9000 characters)`);
});

it('a secret that came from the environment is named, not shown', () => {
  const cause = { from: 'environment', where: 'PARTNER_API_KEY', value: 'real', text: 'of its environment' } as const;
  const told = reportDivergence({
    at: 'call',
    call: 0,
    summary: 'GET /',
    where: 'headers.x',
    recorded: 'a',
    asked: 'real',
    cause,
  });
  expect(JSON.stringify(told)).not.toContain('real');
  expect(told.cause).toMatchObject({ where: 'PARTNER_API_KEY', value: '(a secret)' });
});
