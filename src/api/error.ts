import { LoopError } from '../domain/errors.ts';

export type ApiErrorCode =
  | 'not-found'
  | 'ambiguous'
  | 'invalid'
  | 'unauthorised'
  | 'forbidden'
  | 'refused'
  | 'expired'
  | 'slow-down'
  | 'full'
  | 'corrupt'
  | 'unreachable'
  | 'failed';

export class ApiError extends LoopError {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;

  constructor(code: ApiErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.code = code;
  }
}

/** HTTP status by code; the other way round in the client. */
export const STATUS_OF: Readonly<Record<ApiErrorCode, number>> = {
  'not-found': 404,
  ambiguous: 409,
  invalid: 400,
  unauthorised: 401,
  forbidden: 403,
  refused: 422,
  expired: 410,
  'slow-down': 429,
  full: 507,
  corrupt: 500,
  unreachable: 502,
  failed: 500,
};
