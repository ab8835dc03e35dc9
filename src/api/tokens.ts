/** Tokens in the words of the API. */
import type { Principal } from '../domain/access.ts';
import { AccessError } from '../access/error.ts';
import type { TokenAct, Tokens } from '../access/tokens.ts';
import { ApiError } from './error.ts';
import { unavailable } from './failures.ts';
import type { TokenApi } from './port.ts';

export function tokenHandlers(tokens: Tokens | undefined, principal: Principal, act: TokenAct): TokenApi {
  if (tokens === undefined) {
    const none = unavailable('list of tokens');
    return { list: none, create: none, revoke: none };
  }
  return {
    list: () => inWords(async () => tokens.list(principal)),
    create: (asked) => inWords(() => tokens.create(principal, asked, act)),
    revoke: (id) => inWords(() => tokens.revoke(principal, id, act)),
  };
}

/** What the access says, as the API says it. */
export async function inWords<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof AccessError ? ofAccess(error) : error;
  }
}

function ofAccess(error: AccessError): ApiError {
  const { code, message, hint } = error;
  return new ApiError(code === 'damaged' ? 'failed' : code, message, hint, { cause: error });
}
