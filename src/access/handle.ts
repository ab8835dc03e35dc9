/**
 * What the button gets for the reference it was pressed with: opens one capture, to be looked at and ended. A JWT of loopd to itself, so that a
 * restart of loopd does not end what somebody looks at.
 */
import { createHmac } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { CaptureId } from '../domain/capture.ts';
import { captureIdFrom, parseCaptureId } from '../domain/capture.ts';
import type { ButtonKey } from '../domain/access.ts';
import type { Reference } from './reference.ts';

export interface Handle {
  readonly kind: 'handle';
  readonly capture: CaptureId;
  readonly tool: string;
  readonly agent: string;
}

const ISSUER = 'loopd';
const AUDIENCE = 'loop support button';

const CLAIMS = z.object({
  sub: z.string().transform((text) => parseCaptureId(text)),
  tool: z.string(),
  agent: z.string(),
});

/** `until`: Unix ms. */
export function signHandle({ capture, tool, agent }: Handle, key: ButtonKey, until: number): Promise<string> {
  return new SignJWT({ tool, agent })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(capture)
    .setExpirationTime(Math.ceil(until / 1000))
    .sign(key.bytes);
}

/** `ended`: it was one. Undefined: it is none of ours. `now` in Unix ms. */
export async function readHandle(token: string, key: ButtonKey, now: number): Promise<Handle | 'ended' | undefined> {
  try {
    const { payload } = await jwtVerify(token, key.bytes, {
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(now),
    });
    const { sub, tool, agent } = CLAIMS.parse(payload);
    return sub === undefined ? undefined : { kind: 'handle', capture: sub, tool, agent };
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_JWT_EXPIRED' ? 'ended' : undefined;
  }
}

/** The capture of a reference has an id that follows from it, so that it is begun once, also across a restart; and nobody can make one that meets another's. */
export function captureOf({ tool, id }: Reference, key: ButtonKey): CaptureId {
  return captureIdFrom(
    createHmac('sha256', key.bytes)
      .update(JSON.stringify([tool, id]))
      .digest(),
  );
}
