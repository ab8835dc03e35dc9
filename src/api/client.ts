/** The API of a loopd, from afar. */
import { z } from 'zod';
import type { LoopSummary } from '../domain/loop.ts';
import type { RedactionTest } from '../keeping/dry-run.ts';
import type { ListPage, ListQuery } from '../../storage/port.ts';
import type { LoopId } from '../domain/ids.ts';
import { parseLoopId } from '../domain/ids.ts';
import type { LoopApi } from './port.ts';
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
    list: (query) => ask({ method: 'GET', path: `/v1/loops?${searchOf(query)}` }, PAGE),
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
const RESOLVED = shaped<{ readonly id: LoopId }>({ id: LOOP_ID });
const SHOWN = shaped<{ readonly summary: LoopSummary; readonly view: unknown }>({
  summary: SUMMARY,
  view: z.looseObject({}),
});
const TESTED = shaped<RedactionTest>({ findings: z.array(z.looseObject({})), more: z.number() });

function searchOf({ purpose, limit, cursor, service, fingerprint, since }: ListQuery): string {
  const given = Object.entries({
    purpose,
    limit: `${limit}`,
    cursor,
    service,
    fingerprint,
    since: since && `${since}`,
  });
  return new URLSearchParams(given.filter((entry): entry is [string, string] => entry[1] !== undefined)).toString();
}
