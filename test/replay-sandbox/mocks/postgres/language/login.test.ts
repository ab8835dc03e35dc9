import { describe, expect, it } from 'vitest';
import { Login, type LoginStep } from '../../../../../replay-sandbox/mocks/postgres/language/login.ts';
import { Passwords } from '../../../../../replay-sandbox/mocks/postgres/language/scram.ts';
import type { Frontend } from '../../../../../src/wire/postgres/frontend.ts';
import { startup } from '../../../../support/postgres-wire.ts';

const options = { parameters: new Map([['TimeZone', 'CET']]), process: 7, secret: new Uint8Array(4), encrypts: true };
const passwords = new Passwords(['pencil'], Buffer.alloc(16));

/** Types of the messages, one letter each, and what is next. */
function shown(step: LoginStep | undefined): string | undefined {
  return step && `${step.messages.map(([type]) => String.fromCharCode(type ?? 0)).join('')} ${step.next}`;
}

function asking(parameters: readonly (readonly [string, string])[]): Frontend {
  return { kind: 'startup', version: 0x30000, parameters };
}

describe('a client that comes in', () => {
  it('is welcomed with the parameters of the recorded server', () => {
    const login = new Login(options);
    expect(login.told.size).toBe(0);
    expect(shown(login.handle(startup))).toMatch(/^RS+KZ welcome$/);
    expect(login.told.get('TimeZone')).toBe('CET');
  });

  it('is called as it says', () => {
    const login = new Login(options);
    login.handle(asking([['application_name', 'shop']]));
    expect(login.told.get('application_name')).toBe('shop');
  });

  it('may encrypt once, where there is a certificate', () => {
    const login = new Login(options);
    expect(shown(login.handle({ kind: 'gss' }))).toBe('N go-on');
    expect(shown(login.handle({ kind: 'ssl' }))).toBe('S encrypt');
    login.encrypted(new Uint8Array(32));
    expect(shown(login.handle({ kind: 'ssl' }))).toBe('N go-on');
    expect(shown(new Login({ ...options, encrypts: false }).handle({ kind: 'ssl' }))).toBe('N go-on');
  });

  it('says nothing else before', () => {
    expect(new Login(options).handle({ kind: 'sync' })).toBeUndefined();
    expect(new Login(options).handle({ kind: 'password', data: Buffer.from('x\0') })).toBeUndefined();
  });

  it('does not replicate', () => {
    expect(shown(new Login(options).handle(asking([['replication', 'database']])))).toBe('E close');
    expect(shown(new Login(options).handle(asking([['replication', 'off']])))).toMatch(/ welcome$/);
  });
});

describe('a client that is asked for its password', () => {
  const asked = (): Login => {
    const login = new Login({ ...options, passwords, nonce: () => 'n' });
    expect(shown(login.handle(startup))).toBe('R go-on');
    return login;
  };

  it('is refused for a mechanism that was not offered, and for what is no SCRAM', () => {
    const first = (mechanism: string, text: string) =>
      Buffer.concat([Buffer.from(`${mechanism}\0`), Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);
    expect(shown(asked().handle({ kind: 'password', data: first('PLAIN', '') }))).toBe('E close');
    expect(shown(asked().handle({ kind: 'password', data: first('SCRAM-SHA-256', 'x') }))).toBe('E close');
    const begun = asked();
    expect(shown(begun.handle({ kind: 'password', data: first('SCRAM-SHA-256', 'n,,n=,r=abc') }))).toBe('R go-on');
    expect(shown(begun.handle({ kind: 'password', data: Buffer.from('x') }))).toBe('E close');
  });
});
