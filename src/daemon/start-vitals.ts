import type { Clock } from '../domain/clock.ts';
import type { IngestStats } from '../ingest/client.ts';
import type { ListenAddress } from '../ingest/transport.ts';
import type { Config } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import type { LoopdHistory } from './history.ts';
import { storeUsage } from './store-usage.ts';
import { SAMPLE_MS, VitalSigns } from './vitals.ts';

export interface VitalParts {
  readonly clock: Clock;
  readonly config: Config;
  readonly files: DataDirectory;
  readonly history: LoopdHistory;
  readonly ingest: {
    readonly handle: { readonly addresses: readonly ListenAddress[] };
    stats(): IngestStats | undefined;
  };
  readonly trouble: () => string | undefined;
  readonly warning: () => string | undefined;
}

/** Samples until it is disposed of. */
export function startVitals(parts: VitalParts): VitalSigns & Disposable {
  const { clock, config, files, history, ingest, trouble, warning } = parts;
  const vitals = new VitalSigns({
    clock,
    addresses: ingest.handle.addresses,
    ingest: () => ingest.stats(),
    historySeconds: () => history.stats()?.seconds,
    usage: () => storeUsage(files.store),
    residentBytes: () => process.memoryUsage.rss(),
    trouble,
    warning,
    retentionDays: config.retentionDays,
  });
  const timer = setInterval(() => vitals.sample(), SAMPLE_MS);
  return Object.assign(vitals, { [Symbol.dispose]: () => clearInterval(timer) });
}
