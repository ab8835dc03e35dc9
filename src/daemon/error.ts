import { LoopError } from '../domain/errors.ts';

export type DaemonErrorCode = 'bad-config' | 'port-taken' | 'store' | 'ingest';

/** What keeps loopd from starting, or ends it. */
export class DaemonError extends LoopError {
  override readonly name = 'DaemonError';
  readonly code: DaemonErrorCode;

  constructor(code: DaemonErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.code = code;
  }
}
