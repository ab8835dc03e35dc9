import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import type { LoopView } from '../../../src/seal/view-schema.ts';
import { useAnswer } from '../api/use-answer.ts';
import type { PageProps } from '../shell/routes.ts';
import { useQuery } from '../shell/router.ts';
import { Answered } from '../ui/asked.tsx';
import { Empty } from '../ui/empty.tsx';
import { curlCommand } from './copy/curl.ts';
import { LoopHeader } from './header.tsx';
import { Inspector } from './inspector.tsx';
import './loop.css';
import { scaleOf } from './scale.ts';
import { rowsOf, spanOf, type Row } from './tree.ts';
import { Waterfall } from './waterfall.tsx';

/** One loop: the cascade as a picture, and beside it what was said. `at` in the address is the row, `tab` the part of it. */
export function LoopPage({ params }: PageProps): JSX.Element {
  const { asked, again } = useAnswer('showLoop', { id: params['id'] ?? '' });
  return (
    <Answered asked={asked} again={again}>
      {({ summary, view }) => <Loop summary={summary} view={view} />}
    </Answered>
  );
}

function Loop({ summary, view }: { readonly summary: LoopSummary; readonly view: LoopView }): JSX.Element {
  const { query, set } = useQuery();
  const rows = useMemo(() => rowsOf(view), [view]);
  const scale = useMemo(() => scaleOf(spanOf(view)), [view]);
  const [said, setSaid] = useSaid();
  const wanted = query.get('at') ?? summary.origin?.exchange;
  const row = rows.find(({ id }) => id === wanted) ?? rows[0];
  if (row === undefined)
    return (
      <Empty title="Nothing is in this loop">
        <p>No exchange was captured whole enough to be shown.</p>
      </Empty>
    );
  const copy = (of: Row): void =>
    void copied(of).then(setSaid, () => setSaid('The browser does not let this page copy.'));
  return (
    <div class="loop">
      <LoopHeader summary={summary} view={view} />
      <div class="loop-body">
        <Waterfall
          rows={rows}
          scale={scale}
          selected={row.id}
          select={(at) => set({ at, tab: undefined }, { replace: true })}
          copy={copy}
        />
        <Inspector key={row.id} loop={summary.id} row={row} start={scale.startedAt} />
      </div>
      <p class="copied" role="status">
        {said}
      </p>
    </div>
  );
}

const SAID_MS = 6000;

/** A sentence that goes away by itself. */
function useSaid(): readonly [string, (said: string) => void] {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSaid(''), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return [said, setSaid];
}

/** What was copied, as a sentence. Of a command of a database it is the statement. */
async function copied(row: Row): Promise<string> {
  if (row.kind === 'command') {
    await navigator.clipboard.writeText(row.command.summary);
    return 'Copied the statement.';
  }
  if (row.kind !== 'exchange' || row.exchange.request === undefined) return 'No request is here that could be copied.';
  const { command, notes } = curlCommand(row.exchange);
  await navigator.clipboard.writeText(command);
  return ['Copied as curl.', ...notes].join(' ');
}
