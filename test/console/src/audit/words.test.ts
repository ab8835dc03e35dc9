import { describe, expect, it } from 'vitest';
import { askedOf, chainText, factsOf } from '../../../../console/src/audit/words.ts';
import { INPUTS } from '../../../../src/api/contract/inputs.ts';

const asked = (query: string) => askedOf(new URLSearchParams(query));

describe('what of the audit is looked at', () => {
  it('stands in the address', () => {
    expect(asked('')).toEqual({ limit: 100 });
    expect(asked('actor=anna&act=open&cursor=41')).toEqual({ limit: 100, actor: 'anna', act: 'open', cursor: '41' });
  });

  it.each(['cursor=x&act=&actor=', `cursor=${'9'.repeat(40)}`, `actor=${'a'.repeat(5000)}`, 'actor=%00%ff<b>'])(
    'is asked in words that the API takes: %s',
    (query) => expect(INPUTS.audit.safeParse(asked(query)).success).toBe(true),
  );
});

describe('the chain', () => {
  it('is whole, or names the sequence where it breaks', () => {
    expect(chainText({ whole: true, entries: 1 })).toBe('The chain is whole: 1 entry, each as it was written.');
    const broken = chainText({ whole: false, entries: 12, broken: 7 });
    expect(broken).toMatch(/^The chain is broken at sequence 7: .* 12 entries can be read\.$/);
    expect(chainText({ whole: false, entries: 0 })).toMatch(/^The chain is broken: /);
  });
});

describe('what an act is about', () => {
  it('is text, and leads to its loop or capture', () => {
    const about = { loop: 'loop-1', capture: '../"<b>', open: true, count: 3, constructor: 'x' };
    expect(factsOf({ sequence: 1, at: 0, actor: 'anna', act: 'open', hash: '', about })).toEqual([
      { name: 'loop', text: 'loop-1', href: '/loops/loop-1' },
      { name: 'capture', text: '../"<b>', href: '/captures/..%2F%22%3Cb%3E' },
      { name: 'open', text: 'true' },
      { name: 'count', text: '3' },
      { name: 'constructor', text: 'x' },
    ]);
  });
});
