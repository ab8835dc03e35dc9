import { LoopError } from '../domain/errors.ts';

/**
 * - `listen-failed`  the address is taken, may not be used, or names no place
 * - `bad-certificate` what TLS needs cannot be read, or does not fit
 * - `thread-failed`  the ingest thread died: nothing is recorded until it is started again
 * - `unsupported`    a package changed beneath us; the message says which part
 */
export type IngestErrorCode = 'listen-failed' | 'bad-certificate' | 'thread-failed' | 'unsupported';

export class IngestError extends LoopError {
  override readonly name = 'IngestError';
  readonly code: IngestErrorCode;

  constructor(code: IngestErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.code = code;
  }
}
