import { describe, expect, it } from 'vitest';
import { matchPath } from '../../../../console/src/shell/match.ts';
import { changedQuery } from '../../../../console/src/shell/router.ts';

describe('an address', () => {
  it('is a page with its parameters, or another one', () => {
    expect(matchPath('/', '/')).toEqual({});
    expect(matchPath('/loops/:id', '/loops/a%20b/')).toEqual({ id: 'a b' });
    expect(matchPath('/loops/:id', '/loops/')).toBeUndefined();
    expect(matchPath('/loops/:id', '/loops/%zz')).toBeUndefined();
    expect(matchPath('/loops/:id', '/loops/a/compare/b')).toBeUndefined();
  });

  it('keeps in its query what is not changed', () => {
    expect(changedQuery('view=loops&text=a', { text: 'b', service: 'x' })).toBe('view=loops&text=b&service=x');
    expect(changedQuery('view=loops&text=a', { text: '', view: undefined })).toBe('');
  });
});
