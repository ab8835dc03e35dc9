/** Named loopds elsewhere: what is known of each, checked. Where they are kept is contexts-file.ts. */
import { X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { LoopError } from '../src/domain/errors.ts';

/**
 * - `exposed`   others can read or replace the file of contexts.
 * - `damaged`   it holds something else.
 * - `unusable`  it cannot be read or written.
 * - `unknown`   there is no such context.
 * - `invalid`   a name, an address, a token or a certificate that is none.
 * - `insecure`  a token would travel in clear.
 */
export type ContextErrorCode = 'exposed' | 'damaged' | 'unusable' | 'unknown' | 'invalid' | 'insecure';

export class ContextError extends LoopError {
  override readonly name = 'ContextError';
  readonly code: ContextErrorCode;

  constructor(code: ContextErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.code = code;
  }
}

export interface Context {
  readonly url: string;
  readonly token?: string | undefined;
  /** PEM of the authority that signs its certificate. */
  readonly ca?: string | undefined;
  /** Its token may travel in clear. */
  readonly insecure?: true | undefined;
}

export interface Contexts {
  readonly current: string | undefined;
  readonly byName: ReadonlyMap<string, Context>;
}

export const NO_CONTEXTS: Contexts = { current: undefined, byName: new Map() };

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** What can stand in a header; those of loopd have 43 characters. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/;

const CONTEXT = z.strictObject({
  url: z.string(),
  token: z.string().regex(TOKEN).optional(),
  ca: z.string().optional(),
  insecure: z.literal(true).optional(),
});

const FILE = z.strictObject({
  version: z.literal(1),
  current: z.string().optional(),
  contexts: z.record(z.string().regex(NAME), CONTEXT),
});

/** Throws ContextError `damaged`, naming `path`. */
export function parseContexts(text: string, path: string): Contexts {
  try {
    const { current, contexts } = FILE.parse(JSON.parse(text));
    return { current, byName: new Map(Object.entries(contexts)) };
  } catch (cause) {
    const hint = `Mend it, or move it away: ${path}`;
    throw new ContextError('damaged', `The file of contexts ${path} is not one this version can read.`, hint, {
      cause,
    });
  }
}

export function printContexts({ current, byName }: Contexts): string {
  const file = { version: 1, ...(current !== undefined && { current }), contexts: Object.fromEntries(byName) };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

export function withContext({ current, byName }: Contexts, name: string, context: Context): Contexts {
  return { current, byName: new Map([...byName, [name, context]]) };
}

export function withoutContext({ current, byName }: Contexts, name: string): Contexts {
  const left = new Map([...byName].filter(([other]) => other !== name));
  return { current: current === name ? undefined : current, byName: left };
}

/** Throws ContextError `unknown`. */
export function contextNamed({ byName }: Contexts, name: string): Context {
  const found = byName.get(name);
  if (found !== undefined) return found;
  throw new ContextError('unknown', `There is no context "${name}".`, 'loopctl context list shows what there is.');
}

/** Throws ContextError `invalid`. */
export function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  const facts = `"${name}" cannot be the name of a context.`;
  throw new ContextError('invalid', facts, 'Letters, digits, ".", "-" and "_", at most 63: prod, staging-eu.');
}

/** Without what surrounds it in a file. Throws ContextError `invalid`, which does not repeat it. */
export function checkedToken(text: string): string {
  const token = text.trim();
  if (TOKEN.test(token)) return token;
  const facts = token === '' ? 'There is no token: what was given is empty.' : 'What was given is no token of loopd.';
  throw new ContextError(
    'invalid',
    facts,
    'It is the one line of the file "token" in the data directory of that loopd.',
  );
}

/** Throws ContextError `invalid`. */
export function checkedAuthority(pem: string, path: string): string {
  try {
    // The first of possibly several; the others are met when they are used.
    void new X509Certificate(pem);
    return pem;
  } catch (cause) {
    const facts = `${path} holds no certificate.`;
    throw new ContextError('invalid', facts, 'It has to be PEM: -----BEGIN CERTIFICATE-----.', { cause });
  }
}

/**
 * The address of a loopd, in one spelling. Throws ContextError `invalid`, and `insecure` for plain http to another machine: whoever is on
 * the way would have the token, and with it every recording.
 */
export function checkedUrl(text: string, insecure: boolean): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ContextError('invalid', `"${text}" is no address of a loopd.`, 'For example https://loop.example:5679');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new ContextError(
      'invalid',
      'An address of a loopd has no user, password, query or fragment.',
      `Give ${url.origin}; the token is asked for by loopctl login.`,
    );
  if (url.protocol === 'http:' && !insecure && !isLoopback(url.hostname))
    throw new ContextError(
      'insecure',
      `The token would go to ${url.host} in clear, and everybody on the way could read every recording.`,
      `Give an https address; or, if you trust that network: loopctl context add <name> --url ${url.origin} --insecure`,
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))
  );
}
