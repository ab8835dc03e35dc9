import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { usePlace } from '../shell/router.ts';
import type { PageProps } from '../shell/routes.ts';
import { FailuresView } from './failures-view.tsx';
import { filtersOf } from './filters.ts';
import './failures.css';
import { LoopsView } from './loops-view.tsx';
import { Toolbar } from './toolbar.tsx';

/** The front page: what failed, live; each failure once, or each loop. */
export function FailuresPage(_props: PageProps): JSX.Element {
  const { query } = usePlace();
  const filters = useMemo(() => filtersOf(new URLSearchParams(query)), [query]);
  return (
    <div class="failures">
      <h1 class="unseen">Failures</h1>
      <Toolbar filters={filters} />
      {filters.view === 'loops' ? <LoopsView filters={filters} /> : <FailuresView filters={filters} />}
    </div>
  );
}
