import type { InputOf } from '../../../src/api/contract/inputs.ts';

export type View = 'failures' | 'loops';

/** What of the failures is looked at, as it stands in the address. */
export interface Filters {
  readonly view: View;
  /** Words. */
  readonly text?: string;
  readonly service?: string;
  readonly outcome?: 'failed' | 'swallowed';
  /** `502` or `5xx`. */
  readonly status?: string;
  readonly route?: string;
  readonly version?: string;
  readonly fingerprint?: string;
  /** How far back. */
  readonly since?: Since;
}

export const SINCE_MS = { '15m': 900_000, '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const;
export type Since = keyof typeof SINCE_MS;

const TEXTS = ['text', 'service', 'status', 'route', 'version', 'fingerprint'] as const;

/** Whatever stands in an address somebody sent: what is not understood is left out. */
export function filtersOf(query: URLSearchParams): Filters {
  const outcome = query.get('outcome');
  const since = query.get('since') ?? '';
  const texts = TEXTS.flatMap((name) => {
    const value = query.get(name)?.trim() ?? '';
    return value === '' ? [] : [[name, value] as const];
  });
  return {
    view: query.get('view') === 'loops' ? 'loops' : 'failures',
    ...Object.fromEntries(texts),
    ...((outcome === 'failed' || outcome === 'swallowed') && { outcome }),
    ...(Object.hasOwn(SINCE_MS, since) && { since: since as Since }),
  };
}

/** Beyond the view, what is filtered by. */
export function activeFilters(filters: Filters): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(filters).filter(([name]) => name !== 'view'));
}

/** The input of `listLoops`. `now`: Unix ms. */
export function loopsInput(filters: Filters, now: number): InputOf<'listLoops'> {
  const { view: _, since, ...rest } = filters;
  return { purpose: 'failure', ...rest, ...(since !== undefined && { since: now - SINCE_MS[since] }) };
}

/** The input of `listFingerprints`, which counts failures whether or not they were kept, and so knows fewer filters. */
export function fingerprintsInput({ service, since, fingerprint }: Filters, now: number): InputOf<'listFingerprints'> {
  return {
    ...(service !== undefined && { service }),
    ...(fingerprint !== undefined && { among: fingerprint }),
    ...(since !== undefined && { since: now - SINCE_MS[since] }),
  };
}

/** Filters that only loops have: failures are then those of the loops that match. */
export function filtersLoops({ text, outcome, status, route, version }: Filters): boolean {
  return [text, outcome, status, route, version].some((value) => value !== undefined);
}
