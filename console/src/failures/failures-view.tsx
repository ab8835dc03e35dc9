import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useApp } from '../app/context.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { useNow } from '../ui/time.tsx';
import { FailureRows } from './failure-rows.tsx';
import type { Filters } from './filters.ts';
import { News } from './news.tsx';
import { Nothing } from './nothing.tsx';
import { useFailures } from './use-failures.ts';
import { useReading } from './use-reading.ts';
import { useWalk } from './walk.ts';

/** One row for all failures that have the same fingerprint. */
export function FailuresView({ filters }: { readonly filters: Filters }): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const { state, shown, problem, partial, showAll, again } = useFailures(filters, useReading(list));
  const { router } = useApp();
  const now = useNow(60_000);
  const newest = (): string | undefined => document.activeElement?.closest('tbody')?.dataset['newest'];
  useWalk(list, [
    {
      key: 'o',
      does: 'open the newest loop of the failure',
      run: () => {
        const id = newest();
        if (id !== undefined) router.go(`/loops/${id}`);
      },
    },
  ]);
  const showNews = (): void => {
    window.scrollTo({ top: 0 });
    showAll();
  };
  return (
    <div class="list-box" ref={list} aria-busy={state === 'asking'}>
      <News count={shown.waiting.length} what="failure" show={showNews} />
      {problem !== undefined && <ErrorBox problem={problem} again={again} />}
      {partial && (
        <p class="stale">Only the newest 500 loops that match were looked at. Narrow the time or the service.</p>
      )}
      {shown.rows.length > 0 && <FailureRows rows={shown.rows} now={now} />}
      {state === 'asking' && <p class="asking">Loading …</p>}
      {state === 'known' && problem === undefined && shown.rows.length === 0 && <Nothing filters={filters} />}
    </div>
  );
}
