import { describe, expect, it } from 'vitest';
import { collectReal, collectService, commandsOf } from '../../cli/cast-flags.ts';

describe('--service', () => {
  it('a name, or one with its command, in the order they are given', () => {
    const first = collectService('orders="node orders.js"');
    expect(collectService('pricing', first)).toEqual([
      { service: 'orders', command: ['node orders.js'] },
      { service: 'pricing' },
    ]);
    expect(collectService('a=node --x=1')).toEqual([{ service: 'a', command: ['node', '--x=1'] }]);
    expect(collectService('a=')).toEqual([{ service: 'a' }]);
  });

  it.each(['', '=node', 'a="open'])('%s is none', (text) => {
    expect(() => collectService(text)).toThrow('a service, or one with its command');
  });

  it('named twice', () => {
    expect(() => collectService('a=x', [{ service: 'a' }])).toThrow('a is named twice');
  });

  it('what stands after -- is for the first without a command of its own', () => {
    const commandOf = commandsOf([{ service: 'a', command: ['x'] }, { service: 'b' }, { service: 'c' }], ['node']);
    expect(['a', 'b', 'c'].map(commandOf)).toEqual([['x'], ['node'], []]);
    expect(commandsOf([], [])('any')).toEqual([]);
    // Nobody is named: it is the origin's, whichever that is.
    expect(commandsOf([], ['node'])('any')).toEqual(['node']);
    expect(() => commandsOf([{ service: 'a', command: ['x'] }], ['node'])).toThrow('belongs to no service');
  });
});

describe('--real', () => {
  it('collects, and says how it is written', () => {
    const one = collectReal('Postgres.shop=127.0.0.1:5432');
    expect(collectReal('a:1=b', one)).toEqual([
      { host: 'postgres.shop', port: undefined, address: '127.0.0.1', addressPort: 5432 },
      { host: 'a', port: 1, address: 'b', addressPort: undefined },
    ]);
    expect(() => collectReal('postgres.shop')).toThrow('for example postgres.shop=127.0.0.1:5432');
  });
});
