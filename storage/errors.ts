import { LoopError } from '../src/domain/errors.ts';

/** See storage/port.ts for what each code promises. */
export type StorageErrorCode = 'full' | 'corrupt' | 'not-found' | 'locked' | 'conflict' | 'deleted' | 'io';

export class StorageError extends LoopError {
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.name = 'StorageError';
    this.code = code;
  }
}

/** What the system (errno) or SQLite (result code) said while the store was `doing` something, as a StorageError. */
export function storageError(error: unknown, doing: string): StorageError {
  if (error instanceof StorageError) return error;
  const cause = { cause: error };
  const said = error instanceof Error ? error.message : String(error);
  const code = codeOf(error) ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') {
    const hint = 'Free space on the disk, or delete loops (loopctl delete <id>): deleting works on a full disk too.';
    return new StorageError('full', `There is no space left for ${doing}; nothing was changed.`, hint, cause);
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    const hint =
      'Restore the data directory from a backup, or move index.sqlite and loops/ away together to begin with an empty store.';
    return new StorageError('corrupt', `The index of the store is damaged (${doing}: ${said}).`, hint, cause);
  }
  const hint = 'Check that the disk is well and that the data directory belongs to the user Loop runs as.';
  return new StorageError('io', `The store failed at ${doing}: ${said}.`, hint, cause);
}

/** errno name or SQLite result code of an error, when it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
