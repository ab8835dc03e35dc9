/** What goes wrong between loopctl and a loopd elsewhere: who or what it was, and what to do. */
import { z } from 'zod';
import { ApiError, STATUS_OF, type ApiErrorCode } from '../error.ts';

const PROBLEM = z.looseObject({ code: z.string(), title: z.string(), hint: z.string().optional() });

/** By the codes of Node and OpenSSL. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'it is signed by an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'it is signed by an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'it is signed by an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it is signed by an authority that is not trusted here',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
  CERT_UNTRUSTED: 'it is signed by an authority that is not trusted here',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
};

/** HTTP to a TLS port, or TLS to an HTTP port. */
const GARBLED = /^(?:HPE_|ERR_SSL_|EPROTO$)/;

/** What undici, Node or OpenSSL said when there was no answer. */
export function unreachable(url: string, error: unknown): ApiError {
  const [code, said] = causeOf(error);
  const cause = { cause: error };
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return notLoopd(url, 'its answer does not end');
  const reason = Object.hasOwn(CERTIFICATE, code) ? CERTIFICATE[code] : undefined;
  if (reason !== undefined) {
    const facts = `The certificate of ${url} is not right: ${reason}${code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? ` (${said})` : ''}.`;
    const hint =
      code.startsWith('CERT_HAS') || code.startsWith('CERT_NOT')
        ? 'Renew it, and check the clock of this machine.'
        : 'Give the authority that signed it: loopctl context add <name> --url <url> --ca <file>.';
    return new ApiError(
      'unreachable',
      facts,
      code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'Use the name it is for, if that leads to the same loopd.' : hint,
      cause,
    );
  }
  if (GARBLED.test(code)) {
    const [is, other] = url.startsWith('https:') ? ['TLS', 'http'] : ['plain HTTP', 'https'];
    return new ApiError(
      'unreachable',
      `What answers at ${url} does not speak ${is}.`,
      `Perhaps it is ${other}://…?`,
      cause,
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new ApiError('unreachable', `The host of ${url} is not known.`, 'Check the name, and the network.', cause);
  const hint = 'Is it running? loopctl --data <directory> reads a local store without it.';
  return new ApiError('unreachable', `loopd at ${url} does not answer: ${said}.`, hint, cause);
}

/** Innermost first: undici wraps what the socket said, and Node wraps what each address said. */
function causeOf(error: unknown): readonly [code: string, said: string] {
  if (!(error instanceof Error)) return ['', String(error)];
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  if (error.cause instanceof Error) return causeOf(error.cause);
  return ['code' in error ? String(error.code) : '', error.message];
}

/** An answer that is no success. `tokenHint`: what to do when the token was refused. */
export function fromProblem(url: string, status: number, body: Buffer, tokenHint: string | undefined): ApiError {
  try {
    const { code, title, hint } = PROBLEM.parse(JSON.parse(body.toString('utf8')));
    const known = code in STATUS_OF ? (code as ApiErrorCode) : 'failed';
    const aboutToken = known === 'unauthorised' && /\btoken\b/i.test(title);
    return new ApiError(known, title, aboutToken ? (tokenHint ?? hint) : hint);
  } catch {
    return notLoopd(url, `it answered ${status} with something that is no answer of loopd`);
  }
}

export function notLoopd(url: string, why: string): ApiError {
  return new ApiError(
    'failed',
    `What answers at ${url} is no loopd: ${why}.`,
    'Does the address really lead to loopd?',
  );
}
