/** What is made of redacted views: comparisons, the good transactions to compare with, archives. */
import type { LoopStore } from '../../storage/port.ts';
import { compareLoops, type Side } from '../comparison/compare.ts';
import type { LoopId } from '../domain/ids.ts';
import type { LoopSummary } from '../domain/loop.ts';
import { foldPath } from '../domain/route.ts';
import { harOf } from '../har/har.ts';
import { parseLoopView } from '../seal/view-schema.ts';
import { ApiError } from './error.ts';
import { attempt } from './failures.ts';
import type { LoopApi } from './port.ts';

/** Looked at for one loop; the newest ones. */
const CANDIDATES = 100;

export interface ComparisonOptions {
  readonly store: Pick<LoopStore, 'get'>;
  /** As somebody sees them: what is hidden from them is in no answer of this. */
  readonly seen: Pick<LoopApi, 'show' | 'list'>;
  /** `loop 0.1.0` */
  readonly createdBy: string;
}

export function comparisons(options: ComparisonOptions): Pick<LoopApi, 'exemplars' | 'compare' | 'har'> {
  const { seen, createdBy } = options;
  return {
    exemplars: (id) => attempt(() => exemplarsOf(options, id)),
    compare: (id, other) =>
      attempt(async () => {
        const left = await readSide(seen, id);
        return compareLoops(left, await readSide(seen, other === 'exemplar' ? await bestOf(options, left) : other));
      }),
    har: (id) => attempt(async () => harOf((await readSide(seen, id)).view, createdBy.split(' ')[1] ?? createdBy)),
  };
}

async function readSide(seen: ComparisonOptions['seen'], id: LoopId): Promise<Side> {
  const { summary, view: text } = await seen.show(id);
  const view = parseLoopView(text);
  if (view !== undefined) return { summary, view };
  throw new ApiError('corrupt', `The view of loop ${id} cannot be read by this version.`, 'Upgrade this Loop.');
}

/** Those of the entry's route first, each newest first. */
async function exemplarsOf(options: ComparisonOptions, id: LoopId): Promise<readonly LoopSummary[]> {
  const { summary, view } = await readSide(options.seen, id);
  const inbound = view.exchanges.filter(({ vantage }) => vantage.direction === 'inbound');
  const routes = new Set(inbound.map(({ vantage, method, path }) => routeOf(vantage.service, method, path)));
  const own = routeOfLoop(summary);
  const good = (await candidates(options, summary)).filter(
    (one) => own === routeOfLoop(one) || routes.has(routeOfLoop(one)),
  );
  const first = (one: LoopSummary) => Number(routeOfLoop(one) !== own);
  return good.toSorted((one, other) => first(one) - first(other) || other.startedAt - one.startedAt);
}

/** The newest that was kept with the loop; else the newest that there is. */
async function bestOf(options: ComparisonOptions, { summary }: Side): Promise<LoopId> {
  const route = routeOfLoop(summary);
  const ofRoute = (loops: readonly LoopSummary[]) =>
    loops.filter((one) => routeOfLoop(one) === route).toSorted((one, other) => other.startedAt - one.startedAt)[0];
  const best = ofRoute(await companions(options, summary)) ?? ofRoute(await listed(options, summary));
  if (best !== undefined) return best.id;
  throw new ApiError(
    'not-found',
    `No good transaction of "${summary.method} ${foldPath(summary.path)}" at ${summary.service} is stored.`,
    'loopctl list exemplars shows which there are. One is kept of each route now and then: ask again after it has answered well.',
  );
}

async function candidates(options: ComparisonOptions, summary: LoopSummary): Promise<readonly LoopSummary[]> {
  const both = [...(await companions(options, summary)), ...(await listed(options, summary))];
  return [...new Map(both.map((one) => [one.id, one])).values()];
}

async function companions({ store, seen }: ComparisonOptions, { id }: LoopSummary): Promise<readonly LoopSummary[]> {
  const found: LoopSummary[] = [];
  for (const companion of (await store.get(id)).companions.slice(0, CANDIDATES)) {
    const shown = await seen.show(companion).catch(absent);
    if (shown !== undefined && isGood(shown.summary)) found.push(shown.summary);
  }
  return found;
}

async function listed({ seen }: ComparisonOptions, summary: LoopSummary): Promise<readonly LoopSummary[]> {
  const route = `${summary.method} ${summary.path}`;
  const { loops } = await seen.list({ purpose: 'exemplar', limit: CANDIDATES, service: summary.service, route });
  return loops.filter((one) => isGood(one) && one.id !== summary.id);
}

/** Whatever else is wrong is told. */
function absent(error: unknown): undefined {
  if (error instanceof ApiError && error.code === 'not-found') return undefined;
  throw error;
}

function isGood({ purpose, outcome }: LoopSummary): boolean {
  return purpose === 'exemplar' && outcome === 'good';
}

function routeOfLoop({ service, method, path }: LoopSummary): string {
  return routeOf(service, method, path);
}

function routeOf(service: string, method: string, path: string): string {
  return JSON.stringify([service, method, foldPath(path)]);
}
