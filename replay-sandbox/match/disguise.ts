/**
 * Of a recording whose originals were not kept: makes of what is asked in the sandbox what the recording would hold of it, so that the two
 * can be compared (src/keeping/disguise; made by open.ts).
 */
import type { Header } from '../../src/domain/exchange.ts';
import type { Frontend } from '../../src/wire/postgres/frontend.ts';
import type { Frontend as RedisCommand } from '../../src/wire/redis/frontend.ts';

export interface HttpAsked {
  /** Path with query. */
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
  /** Default `input`: what is asked. `output`: what is answered to it. */
  readonly side?: 'input' | 'output';
}

export interface AskedDisguise {
  http(asked: HttpAsked): HttpAsked;
  /** For one connection. `typesOf`: parameter types the recorded server told of a statement, by its disguised text. */
  postgres(typesOf: (sql: string) => readonly number[] | undefined): (message: Frontend) => Frontend;
  redis(command: RedisCommand): RedisCommand;
}
