import { describe, expect, it } from 'vitest';
import { Keys } from '../../../../console/src/shell/keys.ts';

function typed() {
  const ran: string[] = [];
  let time = 0;
  const keys = new Keys(() => time);
  const bind = (key: string, name = key) => ({ key, does: name, run: () => void ran.push(name) });
  const press = (...names: readonly string[]) => names.map((key) => keys.press({ key, elsewhere: false }));
  return { keys, ran, bind, press, later: (ms: number) => (time += ms) };
}

describe('keys', () => {
  it('run what they are bound to; the page’s own come before the shell’s', () => {
    const { keys, ran, bind, press } = typed();
    keys.add([bind('j', 'shell'), bind('?')]);
    const remove = keys.add([bind('j', 'page')]);
    expect(press('j', '?', 'x')).toEqual([true, true, false]);
    remove();
    press('j');
    expect(ran).toEqual(['page', '?', 'shell']);
  });

  it('may be two, one after the other, soon enough', () => {
    const { keys, ran, bind, press, later } = typed();
    keys.add([bind('g h'), bind('h')]);
    press('g', 'h', 'h', 'g');
    later(2000);
    press('h');
    expect(ran).toEqual(['g h', 'h', 'h']);
  });

  it('go into the field that is written in, and to the browser when it does them by itself', () => {
    const { keys, ran, bind } = typed();
    keys.add([bind('j'), { key: 'Enter', does: 'open' }]);
    expect(keys.press({ key: 'j', elsewhere: true })).toBe(false);
    expect(keys.press({ key: 'Enter', elsewhere: false })).toBe(false);
    expect(ran).toEqual([]);
    expect(keys.list().map(({ key }) => key)).toEqual(['j', 'Enter']);
  });
});
