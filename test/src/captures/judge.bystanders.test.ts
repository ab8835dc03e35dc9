/** Whatever users, sessions, traces and addresses have in common: a capture has its own user's transactions, and nobody else's. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LoopId } from '../../../src/domain/ids.ts';
import { parseLoopView } from '../../../src/seal/view-schema.ts';
import { bearer, CaptureBench } from '../../support/captures.ts';

/** Alike on purpose: prefixes, case, spellings of URLs, and words of the configuration. */
const USERS = ['42', '421', '4', '042', '4%32', 'Ada', 'ada', 'ada ', 'a%64a', 'anonymous', 'sub'] as const;
const SESSIONS = ['s1', 's1x', 'S1', 's%31'] as const;
const TRACES = ['a', 'b', 'c', 'd', 'e'] as const;

const step = fc.record({
  user: fc.constantFrom(...USERS),
  /** How the request shows who it is; `not`: a session alone, if that. */
  shows: fc.constantFrom('jwt', 'header', 'inside', 'not', 'not'),
  /** Sessions go from hand to hand. */
  session: fc.option(fc.constantFrom(...SESSIONS), { nil: undefined }),
  /** Several transactions may carry one trace. */
  trace: fc.constantFrom(...TRACES),
  status: fc.constantFrom(200, 200, 500),
  /** Everybody comes from one address, and asks about everybody. */
  about: fc.constantFrom(...USERS),
  pause: fc.constantFrom(1, 400, 3000),
  /** It is answered only while the next one is under way. */
  slow: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What is still to come of it. */
function request(
  bench: CaptureBench,
  { user, shows, session, trace, status, about }: Step,
  number: number,
): () => void {
  const headers = {
    'x-forwarded-for': '10.0.0.1',
    ...(session !== undefined && { cookie: `sid=${session}` }),
    ...(shows === 'jwt' && bearer({ sub: user })),
    ...(shows === 'header' && { 'x-user-id': user }),
  };
  const path = `/${number}?user_id=${encodeURIComponent(about)}`;
  const call = bench.bench.call('gateway').request(path, { trace, headers });
  if (shows === 'inside')
    bench.bench
      .call('gateway', { direction: 'outbound' })
      .request(`/inside/${number}`, { trace, headers: { 'x-user-id': user } })
      .respond(200);
  return () => void call.respond(status);
}

/** A header's value has no spaces around it, and this one name is nobody's. */
const idOf = ({ user, shows }: Step): string | undefined => {
  if (shows === 'not' || user === 'anonymous') return undefined;
  return shows === 'jwt' ? user : user.trim();
};

it('takes what shows the user, and never what shows another or a session that is another’s', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(...USERS.filter((user) => user !== 'anonymous')),
      fc.nat(12),
      async (steps, captured, startsAt) => {
        const bench = await CaptureBench.open();
        let id = startsAt === 0 ? await bench.start({ user: captured }) : undefined;
        let open: (() => void) | undefined;
        for (const [index, one] of steps.entries()) {
          const answer = request(bench, one, index);
          bench.bench.clock.advance(1);
          open?.();
          open = answer;
          if (!one.slow) {
            open();
            open = undefined;
          }
          bench.bench.clock.advance(one.pause);
          if (one.pause > 1000) await bench.settle();
          if (index + 1 === startsAt) id = await bench.start({ user: captured });
        }
        open?.();
        await bench.settle();
        id ??= await bench.start({ user: captured });
        await bench.settle();
        const trees = await Promise.all((await bench.shown(id)).loops.map((loop) => numbersIn(bench, loop.id)));
        // Of every transaction its own exchanges, and no others.
        expect(trees.filter((numbers) => numbers.size !== 1)).toEqual([]);
        const taken = new Set(trees.flatMap((numbers) => [...numbers]));
        expect(steps.flatMap((_, index) => wrongWith(steps, index, captured, taken.has(index)))).toEqual([]);
        expect(bench.complaints).toEqual([]);
        await bench.store.close();
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

/** Numbers of the requests that a loop has exchanges of. */
async function numbersIn(bench: CaptureBench, id: LoopId): Promise<ReadonlySet<number>> {
  const { view } = await bench.store.get(id);
  const exchanges = parseLoopView(view)?.exchanges ?? [];
  return new Set(exchanges.map(({ path }) => Number(/^\/(?:inside\/)?(\d+)/.exec(path)?.[1] ?? -1)));
}

/** What is wrong about one request being taken, or not. Where several share a trace it may be left out, for it cannot be told apart. */
function wrongWith(steps: readonly Step[], index: number, captured: string, taken: boolean): readonly string[] {
  const one = steps[index];
  if (one === undefined) return [];
  const shown = idOf(one);
  const alone = steps.filter(({ trace }) => trace === one.trace).length === 1;
  if (shown === captured) return alone && !taken ? [`${index} is missing`] : [];
  if (shown !== undefined) return taken ? [`${index} is of ${shown}`] : [];
  return taken && ownerOf(steps, index) !== captured ? [`the session of ${index} is of ${ownerOf(steps, index)}`] : [];
}

/** Who was seen last with the session of this request. */
function ownerOf(steps: readonly Step[], index: number): string | undefined {
  const { session } = steps[index] ?? {};
  const seen = steps.slice(0, index).filter((one) => one.session === session && idOf(one) !== undefined);
  const last = seen.at(-1);
  return session === undefined || last === undefined ? undefined : idOf(last);
}
