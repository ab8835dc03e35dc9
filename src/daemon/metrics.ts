/** What loopd counts, as Prometheus reads it. Values are taken from the parts at each scrape; nothing is counted twice. */
import type { HistoryStats } from '../history/client.ts';
import type { IngestStats } from '../ingest/client.ts';
import type { KeeperStats } from './keeper.ts';
import { ingestMetrics, workerMetrics } from './metrics/ingest.ts';
import { historyMetrics, keeperMetrics, storeMetrics } from './metrics/keeping.ts';
import { MetricsPage, type MetricsFormat } from './metrics/page.ts';
import { brakeMetrics, overloadMetrics, recorderMetrics, rulesMetrics } from './metrics/recorder.ts';
import type { RulesSeen, Seen, Take } from './metrics/seen.ts';
import type { VerdictLag } from './metrics/verdict-lag.ts';
import type { StoreUsage } from './store-usage.ts';

export interface MetricSources {
  readonly ingest: () => IngestStats | undefined;
  /** The same of each worker; by default there is one. */
  readonly workers?: () => readonly IngestStats[];
  readonly keeper: () => KeeperStats;
  readonly history?: () => HistoryStats | undefined;
  readonly rules?: () => RulesSeen;
  readonly usage?: () => StoreUsage | undefined;
  readonly lag?: VerdictLag;
}

export interface WrittenMetrics {
  /** Media type. */
  readonly type: string;
  readonly text: string;
}

/** `accept`: what a scraper says it reads; without, or with what is not known, the text format. */
export type Metrics = (accept?: string) => Promise<WrittenMetrics>;

const ALL = [
  memoryMetrics,
  recorderMetrics,
  overloadMetrics,
  ingestMetrics,
  workerMetrics,
  keeperMetrics,
  storeMetrics,
  historyMetrics,
  rulesMetrics,
  brakeMetrics,
];

export function createMetrics(sources: MetricSources): Metrics {
  const pages = { text: pageOf('text', sources), openmetrics: pageOf('openmetrics', sources) };
  return async (accept = '') => {
    const { page, take } = pages[formatFor(accept)];
    const ingest = sources.ingest();
    const seen: Seen = {
      ingest,
      workers: sources.workers?.() ?? (ingest === undefined ? [] : [ingest]),
      keeper: sources.keeper(),
      history: sources.history?.(),
      rules: sources.rules?.(),
      usage: sources.usage?.(),
    };
    for (const set of take) set(seen);
    return { type: page.type, text: await page.render() };
  };
}

function pageOf(format: MetricsFormat, { lag }: MetricSources): { page: MetricsPage; take: readonly Take[] } {
  const page = new MetricsPage(format);
  if (lag !== undefined) page.histogram(lag.histogram);
  return { page, take: ALL.map((measures) => measures(page)) };
}

/** Prometheus names what it likes best first and gives it the higher q; whoever refuses OpenMetrics (`q=0`) gets text. */
function formatFor(accept: string): MetricsFormat {
  const asked = accept
    .split(',')
    .find((range) => range.trim().toLowerCase().startsWith('application/openmetrics-text'));
  return asked === undefined || /;\s*q=0(?:\.0*)?\s*(?:;|$)/.test(asked) ? 'text' : 'openmetrics';
}

function memoryMetrics(page: MetricsPage): Take {
  const memory = page.gauge(
    'loop_memory_bytes',
    'Resident, and JavaScript heap in use, of the main and of the ingest thread',
    'kind',
  );
  return ({ ingest }) => {
    const { rss, heapUsed } = process.memoryUsage();
    memory.set(rss, { kind: 'resident' });
    memory.set(heapUsed, { kind: 'heap' });
    if (ingest !== undefined) memory.set(ingest.heapBytes, { kind: 'ingest_heap' });
  };
}
