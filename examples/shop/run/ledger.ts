import { existsSync, readFileSync } from 'node:fs';

/** One answered request, in the words of the service that answered it. */
export interface LedgerEntry {
  /** Unix ms. */
  readonly at: number;
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly requestId: string | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** `own`: it failed here; `passed`: it failed further down and was passed on. */
  readonly failed: 'own' | 'passed' | null;
  /** Of the bodies, hex. */
  readonly requestSha256: string;
  readonly responseSha256: string;
  readonly error?: string;
}

export function readLedger(file: string): readonly LedgerEntry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as LedgerEntry);
}
