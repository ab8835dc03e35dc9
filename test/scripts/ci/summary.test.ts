import { describe, expect, it } from 'vitest';
import { countChecks, countTests } from '../../../scripts/ci/summary.mjs';

const file = (...statuses: string[]) => ({
  status: statuses.length > 0 && statuses.every((status) => status === 'passed') ? 'passed' : 'failed',
  assertionResults: statuses.map((status) => ({ status })),
});

describe('what CI counts', () => {
  it('is each test', () => {
    expect(countTests({ testResults: [file('passed', 'passed'), file('passed', 'failed')] }, 1)).toEqual({
      passed: 3,
      failed: 1,
    });
  });

  it.each(['skipped', 'pending', 'todo'])('takes a %s test for a failed one', (status) => {
    expect(countTests({ testResults: [file('passed', status)] }, 1)).toEqual({ passed: 1, failed: 1 });
  });

  it('takes a file that does not load for a failure', () => {
    expect(countTests({ testResults: [file('passed'), file()] }, 1)).toEqual({ passed: 1, failed: 1 });
  });

  it.each([
    ['the report is missing', undefined, 0],
    ['nothing ran', { testResults: [] }, 0],
    ['the run ended badly though every test passed', { testResults: [file('passed')] }, 1],
  ])('is one failure when %s', (_why, report, status) => {
    expect(countTests(report, status).failed).toBe(1);
  });

  it('is each check', () => {
    const report = [
      { name: 'types', passed: true },
      { name: 'lint', passed: false },
    ];
    expect(countChecks(report, 1)).toEqual({ passed: 1, failed: 1 });
    expect(countChecks(undefined, 1)).toEqual({ passed: 0, failed: 1 });
  });
});
