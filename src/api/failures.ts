/** Errors of the layers below, in the words of the API. */
import { LoopFileError } from '../../storage/format/errors.ts';
import { StorageError } from '../../storage/errors.ts';
import { CaptureError, type CaptureErrorCode } from '../captures/error.ts';
import { AuditError } from '../audit/error.ts';
import { SealError } from '../seal/errors.ts';
import type { ApiErrorCode } from './error.ts';
import { ApiError } from './error.ts';

const OF_STORAGE: Readonly<Record<StorageError['code'], ApiErrorCode>> = {
  full: 'full',
  corrupt: 'corrupt',
  'not-found': 'not-found',
  locked: 'failed',
  conflict: 'refused',
  deleted: 'refused',
  io: 'failed',
};

const OF_CAPTURES: Readonly<Record<CaptureErrorCode, ApiErrorCode>> = {
  invalid: 'invalid',
  limit: 'refused',
  'not-found': 'not-found',
  ambiguous: 'ambiguous',
  over: 'refused',
  'no-recorder': 'refused',
};

export async function attempt<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    throw apiError(error);
  }
}

function apiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof StorageError)
    return new ApiError(OF_STORAGE[error.code], error.message, error.hint, { cause: error });
  if (error instanceof CaptureError)
    return new ApiError(OF_CAPTURES[error.code], error.message, error.hint, { cause: error });
  if (error instanceof AuditError) return new ApiError(error.code, error.message, error.hint, { cause: error });
  if (error instanceof LoopFileError || error instanceof SealError)
    return new ApiError('refused', error.message, error.hint, { cause: error });
  const said = error instanceof Error ? error.message : String(error);
  return new ApiError('failed', `Something failed that should not: ${said}.`, 'Please report it, with what you did.', {
    cause: error,
  });
}

/** What cannot be had of this installation: a store without a loopd, or a part that is not configured. */
export function unavailable(what: string): () => Promise<never> {
  return async () => {
    throw new ApiError('refused', `There is no ${what} here.`, 'Ask the loopd that records.');
  };
}
