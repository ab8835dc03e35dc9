import { LoopError } from '../domain/errors.ts';

/**
 * `unauthorised`: nobody that is known. `forbidden`: known or not, not this way. `slow-down`: too many wrong tokens. `refused`: a limit, or
 * something that cannot be. `unreachable`: the OpenID provider.
 */
export type AccessErrorCode =
  | 'unauthorised'
  | 'forbidden'
  | 'slow-down'
  | 'not-found'
  | 'invalid'
  | 'refused'
  | 'unreachable'
  | 'damaged';

export class AccessError extends LoopError {
  override readonly name = 'AccessError';
  readonly code: AccessErrorCode;

  constructor(code: AccessErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.code = code;
  }
}
