/** Tokens in the words of the API. */
import type { Principal } from '../domain/access.ts';
import { AccessError } from '../access/error.ts';
import type { TokenAct, Tokens } from '../access/tokens.ts';
import { ApiError } from './error.ts';
import { attempt, unavailable } from './failures.ts';
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

/** What the access says, as the API says it, and what the audit, or a disk, says. */
function inWords<Value>(act: () => Promise<Value>): Promise<Value> {
  return attempt(() =>
    act().catch((error: unknown) => {
      throw ofAccess(error);
    }),
  );
}

export function inWordsOfApi<Value>(act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    throw ofAccess(error);
  }
}

export function ofAccess(error: unknown): unknown {
  if (!(error instanceof AccessError)) return error;
  const { code, message, hint } = error;
  return new ApiError(code === 'damaged' ? 'failed' : code, message, hint, { cause: error });
}
