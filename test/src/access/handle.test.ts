import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { captureOf, readHandle, signHandle } from '../../../src/access/handle.ts';
import type { Handle } from '../../../src/access/handle.ts';
import type { Reference } from '../../../src/access/reference.ts';
import { captureIdFrom } from '../../../src/domain/capture.ts';
import { buttonKey, storeKey } from '../../../src/seal/keys.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const KEY = buttonKey(storeKey(Buffer.alloc(32, 1)));
const OTHER = buttonKey(storeKey(Buffer.alloc(32, 2)));
const HANDLE: Handle = { kind: 'handle', capture: captureIdFrom(Buffer.alloc(8, 3)), tool: 'helpdesk', agent: 'anna' };
const REFERENCE: Reference = {
  kind: 'reference',
  tool: 'helpdesk',
  id: 'one',
  user: '42',
  agent: 'anna',
  reason: 'ticket 811',
  forMs: 600_000,
  until: NOW,
};

describe('a handle', () => {
  it('opens its capture until its end, and says afterwards that it was one', async () => {
    const token = await signHandle(HANDLE, KEY, NOW + 60_000);
    expect(await readHandle(token, KEY, NOW)).toEqual(HANDLE);
    expect(await readHandle(token, KEY, NOW + 61_000)).toBe('ended');
  });

  it('of another store is none', async () => {
    expect(await readHandle(await signHandle(HANDLE, OTHER, NOW + 60_000), KEY, NOW)).toBeUndefined();
  });

  it.each<readonly [string, (jwt: SignJWT) => SignJWT, string]>([
    ['for another purpose', (jwt) => jwt.setAudience('loopd'), 'HS256'],
    ['of another issuer', (jwt) => jwt.setIssuer('helpdesk'), 'HS256'],
    ['of no capture', (jwt) => jwt.setSubject('7h3k9qx2'), 'HS256'],
    ['with another algorithm', (jwt) => jwt, 'HS512'],
  ])('%s is none', async (_what, change, alg) => {
    const jwt = new SignJWT({ tool: 'helpdesk', agent: 'anna' })
      .setProtectedHeader({ alg })
      .setIssuer('loopd')
      .setAudience('loop support button')
      .setSubject(HANDLE.capture)
      .setExpirationTime(NOW / 1000 + 60);
    // A longer algorithm takes a longer key: the first bytes would have to be enough.
    const key = { ...KEY, bytes: Buffer.alloc(64, 1) };
    expect(await readHandle(await change(jwt).sign(key.bytes), key, NOW)).toBeUndefined();
  });

  it('that never ends is none', async () => {
    const endless = new SignJWT({ tool: 'helpdesk', agent: 'anna' }).setProtectedHeader({ alg: 'HS256' });
    const signed = endless.setIssuer('loopd').setAudience('loop support button').setSubject(HANDLE.capture);
    expect(await readHandle(await signed.sign(KEY.bytes), KEY, NOW)).toBeUndefined();
  });
});

describe('the capture of a reference', () => {
  it('is one and the same, and another for another reference, tool or store', () => {
    const one = captureOf(REFERENCE, KEY);
    expect(captureOf({ ...REFERENCE, agent: 'ben', until: 0 }, KEY)).toBe(one);
    const others = [
      captureOf({ ...REFERENCE, id: 'two' }, KEY),
      captureOf({ ...REFERENCE, tool: 'chat' }, KEY),
      captureOf({ ...REFERENCE, tool: 'help', id: 'deskone' }, KEY),
      captureOf(REFERENCE, OTHER),
    ];
    expect(new Set([one, ...others]).size).toBe(5);
  });
});
