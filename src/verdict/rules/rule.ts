/** Rules of one's own as plain data: as they cross threads, and as they were written apart from shorthands. */
import type { Direction } from '../../domain/exchange.ts';

export interface Rule {
  /** Unique; shown as the failure's reason. */
  readonly name: string;
  readonly match: Match;
  readonly consequence: Consequence;
}

/** What the file has after `then`. `failure-unless-swallowed`: a failure that counts only when nobody above it in the tree recovered. */
export type Consequence = 'failure' | 'fine' | 'failure-unless-swallowed';

/** Every condition that is given must hold; of a list one is enough. */
export interface Match {
  /** Globs. Whose calls, see `isAbout` in head.ts. */
  readonly service?: readonly string[];
  readonly direction?: Direction;
  /** Globs on the name of who was asked; outbound only. */
  readonly peer?: readonly string[];
  readonly route?: readonly Route[];
  readonly status?: readonly Range[];
  readonly grpc?: readonly number[];
  /** One of them is set. */
  readonly flags?: readonly string[];
  /** All of them hold. */
  readonly requestHeader?: readonly HeaderCondition[];
  readonly responseHeader?: readonly HeaderCondition[];
  readonly requestBody?: readonly BodyCondition[];
  readonly body?: readonly BodyCondition[];
  /** One command that the exchange surely made passes all of it; inbound only. */
  readonly command?: CommandCondition;
  /** Its answer took longer, ms. */
  readonly slower?: number;
  /** What the built-in rules say. */
  readonly failed?: boolean;
}

/** Both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Route {
  /** Upper-case; absent: any. */
  readonly method?: string;
  /** Glob on the path without its query: `*` stays within a segment, `**` does not. */
  readonly path: string;
}

/** On the first header of the name. Exactly one of the conditions is given. */
export interface HeaderCondition {
  /** Lower-case. */
  readonly name: string;
  readonly is?: string;
  /** It contains this. */
  readonly has?: string;
  readonly glob?: string;
  /** True: there is none. False: there is one. */
  readonly absent?: boolean;
}

/** On a command to a database that was answered with an error. Globs, without regard to case; of a list one is enough. */
export interface CommandCondition {
  /** On the protocol's own code: SQLSTATE, `WRONGTYPE`, … */
  readonly error: readonly string[];
  /** On the command as one line, its start where it is very long. */
  readonly summary?: readonly string[];
  /** Names of protocols. */
  readonly protocol?: readonly string[];
}

export type Scalar = string | number | boolean | null;

/** On a JSON body. Holds when one of the values at the path passes all that is asked; `exists: false` when there is none. */
export interface BodyCondition {
  /** As it was written. */
  readonly path: string;
  readonly steps: readonly Step[];
  /** Text that stands in every body in which the condition holds, unless JSON spells it with escapes. Absent: there is none. */
  readonly clue?: string;
  readonly exists?: boolean;
  readonly is?: Scalar;
  readonly not?: Scalar;
  readonly in?: readonly Scalar[];
  /** RE2, found anywhere in a string or a number. */
  readonly matches?: string;
  /** Of a string in characters, of an array in items, of an object in members. */
  readonly minLength?: number;
}

/** Of a JSON path (RFC 9535). `name` of an object, `index` of an array (from the end when negative), `each` member or item, `deep`: the next step anywhere below. */
export type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' }
  | { readonly kind: 'deep' };
