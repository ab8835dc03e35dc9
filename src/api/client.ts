/** The API of a loopd, from afar. */
import { z } from 'zod';
import type { LoopSummary } from '../domain/loop.ts';
import type { RedactionTest } from '../keeping/dry-run.ts';
import type { FingerprintSummary } from '../domain/fingerprint.ts';
import type { ListPage } from '../../storage/port.ts';
import type { LoopId } from '../domain/ids.ts';
import { parseLoopId } from '../domain/ids.ts';
import { captureClient } from './capture-client.ts';
import type { LoopApi } from './port.ts';
import type { RulesTest } from './rules-test.ts';
import { notLoopd } from './remote-errors.ts';
import { Remote, type Call, type RemoteOptions } from './remote.ts';

export type ClientOptions = RemoteOptions;

export function createClient(options: ClientOptions): LoopApi {
  const remote = new Remote(options);
  const ask = async <Shape>(call: Call, shape: z.ZodType<Shape>): Promise<Shape> => {
    const found = shape.safeParse(await remote.json(call));
    if (found.success) return found.data;
    throw notLoopd(options.url, 'its answer has another shape');
  };
  return {
    captures: captureClient(ask),
    list: (query) => ask({ method: 'GET', path: `/v1/loops?${searchOf({ ...query })}` }, PAGE),
    fingerprints: async ({ among, ...query }) => {
      const search = searchOf({ ...query, among: among?.join(',') });
      return (await ask({ method: 'GET', path: `/v1/fingerprints?${search}` }, FINGERPRINTS)).fingerprints;
    },
    resolve: async (prefix) =>
      (await ask({ method: 'GET', path: `/v1/loops/${encodeURIComponent(prefix)}/resolve` }, RESOLVED)).id,
    show: async (id) => {
      const { summary, view } = await ask({ method: 'GET', path: `/v1/loops/${id}` }, SHOWN);
      return { summary, view: JSON.stringify(view) };
    },
    recording: (id, { open }) => remote.loopFile(`/v1/loops/${id}/recording?open=${open}`),
    import: (file) => ask({ method: 'POST', path: '/v1/loops', body: file }, SUMMARY),
    testRedaction: (id, rules) => {
      const body = Buffer.from(JSON.stringify(rules === undefined ? {} : { rules }));
      return ask({ method: 'POST', path: `/v1/loops/${id}/redaction-test`, body, type: 'application/json' }, TESTED);
    },
    testRules: (asked) => {
      const body = Buffer.from(JSON.stringify(asked));
      return ask({ method: 'POST', path: '/v1/rules-test', body, type: 'application/json' }, RULES_TESTED);
    },
    delete: async (id) => {
      await remote.call({ method: 'DELETE', path: `/v1/loops/${id}` });
    },
  };
}

/** As much of an answer as tells loopd from something else: a newer one may say more, and in words that are not known here. */
function shaped<Shape>(keys: z.ZodRawShape): z.ZodType<Shape> {
  const loose = z.looseObject(keys);
  return z.custom<Shape>((value) => loose.safeParse(value).success);
}

const LOOP_ID = z.custom<LoopId>((value) => typeof value === 'string' && parseLoopId(value) !== undefined);
const SUMMARY = shaped<LoopSummary>({ id: LOOP_ID, startedAt: z.number(), service: z.string() });
const PAGE = shaped<ListPage>({ loops: z.array(SUMMARY), next: z.string().optional() });
const FINGERPRINTS = shaped<{ readonly fingerprints: readonly FingerprintSummary[] }>({
  fingerprints: z.array(z.looseObject({ fingerprint: z.string(), seen: z.number() })),
});
const RESOLVED = shaped<{ readonly id: LoopId }>({ id: LOOP_ID });
const SHOWN = shaped<{ readonly summary: LoopSummary; readonly view: unknown }>({
  summary: SUMMARY,
  view: z.looseObject({}),
});
const TESTED = shaped<RedactionTest>({ findings: z.array(z.looseObject({})), more: z.number() });

const RULES_TESTED = shaped<RulesTest>({
  mistakes: z.array(z.looseObject({})),
  recordings: z.array(z.looseObject({})),
});

function searchOf(query: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, `${value}`);
  return search.toString();
}
