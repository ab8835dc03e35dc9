import { DaemonError } from './error.ts';

export function portTaken(said: string, key: string, cause: unknown): DaemonError {
  return new DaemonError('port-taken', said, `Is another loopd running? Else choose another with ${key}.`, { cause });
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
