import { describe, expect, it } from 'vitest';
import {
  activeFilters,
  filtersLoops,
  filtersOf,
  fingerprintsInput,
  loopsInput,
} from '../../../../console/src/failures/filters.ts';

const of = (query: string) => filtersOf(new URLSearchParams(query));

describe('filters in the address', () => {
  it('are what is asked of loopd', () => {
    const filters = of('view=loops&text=time%20out&service=pricing&outcome=swallowed&status=5xx&since=1h');
    expect(loopsInput(filters, 10_000_000)).toEqual({
      purpose: 'failure',
      text: 'time out',
      service: 'pricing',
      outcome: 'swallowed',
      status: '5xx',
      since: 6_400_000,
    });
    expect(fingerprintsInput(filters, 10_000_000)).toEqual({ service: 'pricing', since: 6_400_000 });
  });

  it('leave out what nobody understands', () => {
    expect(of('view=x&outcome=maybe&since=toString&text=%20&other=1')).toEqual({ view: 'failures' });
    expect(activeFilters(of('service=a'))).toEqual({ service: 'a' });
  });

  it('are of loops when only loops have them', () => {
    expect(filtersLoops(of('service=a&since=7d&fingerprint=abc'))).toBe(false);
    expect(filtersLoops(of('text=a'))).toBe(true);
  });
});
