import type { AuditSlice } from '../audit/log-file.ts';

/** What was told to the audit. */
export interface AuditReader {
  /** Rejects with AuditError. */
  page(asked: {
    readonly limit: number;
    readonly before?: number;
    readonly actor?: string;
    readonly act?: string;
  }): Promise<AuditSlice>;
}
