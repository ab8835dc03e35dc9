import { LoopError } from '../domain/errors.ts';

/** `full`: no space, nothing was written. `failed`: anything else that kept it from being written. Either way the act is not to be done. */
export type AuditErrorCode = 'full' | 'failed';

export class AuditError extends LoopError {
  override readonly name = 'AuditError';
  readonly code: AuditErrorCode;

  constructor(code: AuditErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.code = code;
  }
}

/** What the system, or the store of the head, said. */
export function auditError(error: unknown): AuditError {
  if (error instanceof AuditError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const cause = { cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'full')
    return new AuditError(
      'full',
      'There is no space left to write down who does this; it was not done.',
      'Free space on the disk, or delete loops (loopctl delete <id>): space for that is kept back.',
      cause,
    );
  const said = error instanceof Error ? error.message : String(error);
  return new AuditError(
    'failed',
    `It cannot be written down who does this, so it was not done: ${said}.`,
    'Check that audit.jsonl in the data directory belongs to the user Loop runs as.',
    cause,
  );
}
