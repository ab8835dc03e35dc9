import type { FingerprintSummary } from '../../../src/domain/fingerprint.ts';
import type { Client } from '../api/client.ts';
import type { Filters } from './filters.ts';
import { filtersLoops, fingerprintsInput, loopsInput } from './filters.ts';

/** As many as one answer has. */
const LIMIT = 500;

export interface Found {
  readonly rows: readonly FingerprintSummary[];
  /** Only the newest loops were searched. */
  readonly partial: boolean;
  /** Everything there is, not only what was asked about. */
  readonly whole: boolean;
}

/** `touched`: only these fingerprints may have changed. Rejects with ApiProblem. */
export async function findFailures(
  client: Client,
  filters: Filters,
  now: number,
  touched?: readonly string[],
): Promise<Found> {
  if (filtersLoops(filters)) return ofLoops(client, filters, now);
  const input = fingerprintsInput(filters, now);
  const wanted = touched?.filter((one) => filters.fingerprint === undefined || filters.fingerprint === one);
  if (wanted?.length === 0) return { rows: [], partial: false, whole: false };
  const among = wanted === undefined || wanted.length > LIMIT ? {} : { among: wanted };
  const { fingerprints } = await client.call('listFingerprints', { ...input, ...among, limit: LIMIT });
  return { rows: fingerprints, partial: false, whole: !('among' in among) };
}

/** Failures have no words and statuses of their own: those of the loops that match. */
async function ofLoops(client: Client, filters: Filters, now: number): Promise<Found> {
  const { loops, next } = await client.call('listLoops', { ...loopsInput(filters, now), limit: LIMIT });
  const among = new Set(loops.flatMap(({ fingerprint }) => fingerprint ?? []));
  const partial = next !== undefined;
  if (among.size === 0) return { rows: [], partial, whole: true };
  const answer = await client.call('listFingerprints', { among: [...among], limit: LIMIT });
  return { rows: answer.fingerprints, partial, whole: true };
}
