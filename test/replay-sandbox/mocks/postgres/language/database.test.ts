import { describe, expect, it } from 'vitest';
import { Database } from '../../../../../replay-sandbox/mocks/postgres/language/database.ts';
import { queried, recorded } from '../../../../support/postgres-commands.ts';
import { complete, conversation, handshake, row } from '../../../../support/postgres-wire.ts';

const sent = queried('select 5', row('5'), complete('SELECT 1'));

function database(name: string, parameters: Readonly<Record<string, string>> = {}): Database {
  return new Database(name, {
    answers: recorded(sent),
    conversations: [conversation([...handshake, ...sent])],
    log: { add: () => undefined },
    clock: { now: () => 0 },
    parameters,
  });
}

describe('a recorded database', () => {
  it('tells each connection what the recorded server said of itself', () => {
    const { options } = database('postgres').join(() => undefined);
    expect([...options.parameters]).toEqual(expect.arrayContaining([['server_version', '18.0']]));
    const told = database('postgres', { server_version: '16.1' }).join(() => undefined).options.parameters;
    expect(told.get('server_version')).toBe('16.1');
  });

  it('gives each connection a process of its own', () => {
    const own = database('postgres');
    expect([1, 2, 3].map(() => own.join(() => undefined).options.process)).toEqual([1, 2, 3]);
  });

  it('has the answers of its own name only, and says which nobody wanted', () => {
    expect(database('postgres').unused()).toEqual(['select 5 at postgres']);
    expect(database('another').unused()).toEqual([]);
  });

  it('asks for no password any more when a client had one that nobody knows', () => {
    const own = database('postgres');
    const { options } = own.join(() => undefined);
    expect(own.strange).toBe(false);
    options.strange?.();
    expect(own.strange).toBe(true);
  });

  it('cancels nobody for a process that has left', () => {
    const own = database('postgres');
    const woken: unknown[] = [];
    const member = own.join((actions) => woken.push(actions));
    member.leave();
    own.join(() => undefined).options.cancel?.(1, new Uint8Array(4));
    expect(woken).toEqual([]);
  });
});
