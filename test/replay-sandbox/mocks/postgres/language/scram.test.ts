import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Passwords, ScramExchange, type Reply } from '../../../../../replay-sandbox/mocks/postgres/language/scram.ts';

// The example of RFC 7677, section 3.
const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const SERVER_NONCE = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const FIRST = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO';
const FINAL =
  'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';

function exchange(passwords: readonly string[] = ['pencil'], binding?: Uint8Array): ScramExchange {
  return new ScramExchange({ passwords: new Passwords(passwords, SALT), nonce: SERVER_NONCE, binding });
}

function said(reply: Reply): string {
  if (reply.kind === 'said') return Buffer.from(reply.data).toString();
  return reply.kind === 'fault' ? reply.why : reply.kind;
}

describe('the exchange', () => {
  it('of the standard', () => {
    const scram = exchange(['other', 'pencil']);
    expect(said(scram.first(Buffer.from(FIRST)))).toBe(
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    );
    expect(said(scram.final(Buffer.from(FINAL)))).toBe('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  });

  it('with a password that is none of ours', () => {
    const scram = exchange(['pen', 'cil']);
    scram.first(Buffer.from(FIRST));
    expect(said(scram.final(Buffer.from(FINAL)))).toBe('refused');
  });

  it('bound to the channel', () => {
    const binding = createHash('sha256').update('certificate').digest();
    const answer = (shown: Uint8Array): string => {
      const scram = exchange(['pencil'], binding);
      const bare = 'n=,r=abc';
      const first = said(scram.first(Buffer.from(`p=tls-server-end-point,,${bare}`)));
      const channel = Buffer.concat([Buffer.from('p=tls-server-end-point,,'), shown]).toString('base64');
      const unproven = `c=${channel},r=abc${SERVER_NONCE}`;
      return said(scram.final(Buffer.from(`${unproven},p=${proof(`${bare},${first},${unproven}`)}`)));
    };
    expect(answer(binding)).toMatch(/^v=/);
    expect(answer(Buffer.from('another certificate'))).toBe('SCRAM channel binding check failed');
  });

  it('with what is none of its messages', () => {
    for (const first of ['', 'n,,', 'x,,n=,r=a', 'n,,n=,r=', 'p=tls-unique,,n=,r=abc', '\u0000'])
      expect(said(exchange().first(Buffer.from(first)))).toBe('malformed SCRAM message');
    const scram = exchange();
    scram.first(Buffer.from(FIRST));
    for (const final of ['', 'c=biws', 'c=biws,r=other,p=aaaa', FINAL.replace('p=', 'q=')])
      expect(said(scram.final(Buffer.from(final)))).toBe('malformed SCRAM message');
    expect(said(scram.final(Buffer.from(FINAL.replace(/p=.*/, 'p=AAAA'))))).toBe('refused');
  });
});

function proof(signed: string): string {
  const hmac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest();
  const clientKey = hmac(pbkdf2Sync('pencil', SALT, 4096, 32, 'sha256'), 'Client Key');
  const signature = hmac(createHash('sha256').update(clientKey).digest(), signed);
  return Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))).toString('base64');
}
