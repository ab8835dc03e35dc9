import { mkdir } from 'node:fs/promises';
import { openAuditHead } from '../../storage/sqlite/audit-head.ts';
import { auditError } from '../audit/error.ts';
import { AuditLog } from '../audit/log-file.ts';
import { reserveFile } from '../audit/reserve-file.ts';
import type { Clock } from '../domain/clock.ts';
import type { StoreKey } from '../seal/keys.ts';
import { auditKey } from '../seal/keys.ts';
import type { DataDirectory } from './data-directory.ts';

/** The audit of a data directory; also while another process has it open. Rejects with AuditError. */
export async function openAudit(files: DataDirectory, key: StoreKey, clock: Clock): Promise<AuditLog> {
  try {
    await mkdir(files.store, { recursive: true, mode: 0o700 });
    const head = openAuditHead(files.auditHead);
    return new AuditLog({
      file: files.auditFile,
      head,
      key: auditKey(key),
      clock,
      reserve: reserveFile(files.auditReserve),
    });
  } catch (error) {
    throw auditError(error);
  }
}
