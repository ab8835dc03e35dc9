import { LoopError } from '../../src/domain/errors.ts';

/**
 * - `not-a-loop`    no tar, or a tar that is no recording.
 * - `unsafe-entry`  an entry that has no place in a recording: a link, a device, a foreign name.
 * - `too-large`     beyond a cap.
 * - `damaged`       cut off, or contents that are not those that were written.
 * - `newer-version` written by a newer Loop.
 */
export type LoopFileErrorCode = 'not-a-loop' | 'unsafe-entry' | 'too-large' | 'damaged' | 'newer-version';

export class LoopFileError extends LoopError {
  readonly code: LoopFileErrorCode;

  constructor(code: LoopFileErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.name = 'LoopFileError';
    this.code = code;
  }
}

export function damaged(what: string, options?: ErrorOptions): LoopFileError {
  return new LoopFileError('damaged', `The loop file is damaged: ${what}.`, 'Export or copy it again.', options);
}

export function tooLarge(what: string): LoopFileError {
  return new LoopFileError(
    'too-large',
    `The loop file is too large: ${what}.`,
    'If you trust where it comes from, replay it there instead.',
  );
}
