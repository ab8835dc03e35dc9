import { describe, expect, it } from 'vitest';
import { STEPS, selectSteps } from '../../../scripts/check/steps.ts';

describe('the choice of checks', () => {
  it('is all of them when none is named', () => {
    expect(selectSteps([])).toBe(STEPS);
  });

  it('keeps the usual order', () => {
    expect(selectSteps(['lint', 'types'])).toEqual(STEPS.filter(({ name }) => name === 'types' || name === 'lint'));
  });

  it('returns the names that are none', () => {
    expect(selectSteps(['types', 'spelling'])).toEqual({ unknown: ['spelling'] });
  });
});
