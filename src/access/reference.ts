/**
 * A signed reference to one user: the server of a support tool signs it under a secret that it shares with loopd, and the tool's page hands it
 * to the support button. A JWT (RFC 7519) signed with HS256, with
 *
 *     iss     name of the tool, as under support.tools of loopd.yaml       aud     "loopd"
 *     sub     id of the user                                               agent   who asks: the person at the tool
 *     reason  ticket, or what it is for                                    jti     new for each reference: one begins at most one capture
 *     iat     when it was signed                                           exp     when it can no longer begin one: at most 15 minutes later
 *     minutes how long the capture runs at most; 10 unless it says
 */
import { compactVerify, decodeJwt } from 'jose';
import type { CompactVerifyResult } from 'jose';
import { z } from 'zod';

/** A support tool and its secrets; several while it changes from one to the next. */
export interface SupportTool {
  readonly name: string;
  readonly secrets: readonly Uint8Array[];
}

export interface Reference {
  readonly kind: 'reference';
  readonly tool: string;
  /** The tool's own id of this reference. */
  readonly id: string;
  readonly user: string;
  readonly agent: string;
  readonly reason: string;
  readonly forMs: number;
  /** Unix ms: from then on it begins nothing. */
  readonly until: number;
}

/** `unknown`: not signed by a tool that is known here; nothing in it is believed. `wrong`: signed, but not as it should be. */
export interface ReferenceFault {
  readonly kind: 'unknown' | 'wrong';
  /** A sentence. It names no value of the reference. */
  readonly message: string;
}

/** RFC 7518, 3.2: as long as the digest. */
export const SECRET_BYTES = 32;
/** Longest time between `iat` and `exp`. */
const LIFE_SECONDS = 15 * 60;
/** Clocks of two machines may differ so much. */
const SKEW_SECONDS = 30;
const LONGEST = 4096;
const DEFAULT_MINUTES = 10;

const TEXT = z.string().trim().min(1);
const CLAIMS = z.object({
  aud: z.union([z.literal('loopd'), z.array(z.string()).refine((all) => all.includes('loopd'))]),
  sub: TEXT.max(1000),
  agent: TEXT.max(60),
  reason: TEXT.max(500),
  jti: TEXT.max(200),
  iat: z.number(),
  exp: z.number(),
  minutes: z.number().positive().max(1440).default(DEFAULT_MINUTES),
});

/** Whether it has ended (`until`) is the caller's to ask: a reference that has ended may still look at what it began. `now` in Unix ms. */
export async function readReference(
  token: string,
  tools: readonly SupportTool[],
  now: number,
): Promise<Reference | ReferenceFault> {
  const tool = tools.find(({ name }) => name === issuerOf(token));
  const payload = tool && (await verified(token, tool.secrets));
  if (tool === undefined || payload === undefined) return UNKNOWN;
  const claims = CLAIMS.safeParse(payload);
  if (!claims.success) return wrong(`its claim "${claims.error.issues[0]?.path.join('.') ?? ''}" is missing or wrong`);
  const { jti, sub, agent, reason, iat, exp, minutes } = claims.data;
  if (iat * 1000 > now + SKEW_SECONDS * 1000) return wrong('it was signed in the future: do the clocks agree?');
  if (exp <= iat || exp - iat > LIFE_SECONDS)
    return wrong(`"exp" has to be behind "iat", by at most ${LIFE_SECONDS} seconds`);
  const common = { kind: 'reference', tool: tool.name, id: jti, user: sub, agent, reason } as const;
  return { ...common, forMs: minutes * 60_000, until: exp * 1000 };
}

const UNKNOWN: ReferenceFault = {
  kind: 'unknown',
  message: 'This reference is not signed by a support tool that is known here.',
};

function wrong(what: string): ReferenceFault {
  return { kind: 'wrong', message: `This reference is signed, but not as it should be: ${what}.` };
}

/** Not believed until the signature is checked under that tool's secret. */
function issuerOf(token: string): string | undefined {
  try {
    return token.length > LONGEST ? undefined : decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** Undefined too for signed bytes that are no JSON. */
function read({ payload }: CompactVerifyResult): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

async function verified(token: string, secrets: readonly Uint8Array[]): Promise<unknown> {
  for (const secret of secrets) {
    const payload = await compactVerify(token, secret, { algorithms: ['HS256'] }).then(read, () => undefined);
    if (payload !== undefined) return payload;
  }
  return undefined;
}
