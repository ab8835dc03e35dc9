import { LoopError } from '../domain/errors.ts';

/**
 * - `no-file`        the file cannot be made
 * - `thread-failed`  the history thread died: what it had is lost, recording goes on without
 */
export type HistoryErrorCode = 'no-file' | 'thread-failed';

export class HistoryError extends LoopError {
  override readonly name = 'HistoryError';
  readonly code: HistoryErrorCode;

  constructor(code: HistoryErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.code = code;
  }
}
