import type { JSX } from 'preact';
import type { Capture } from '../../../src/domain/capture.ts';
import { useMay } from '../app/context.ts';
import type { PageProps } from '../shell/routes.ts';
import { Answered } from '../ui/asked.tsx';
import { Badge } from '../ui/badge.tsx';
import { Command } from '../ui/command.tsx';
import { Empty } from '../ui/empty.tsx';
import { bytesText, spanText } from '../ui/format.ts';
import type { Column } from '../ui/table.tsx';
import { Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import './captures.css';
import { isRunning, useCaptures } from './use-capture.ts';
import { reachMs, takenText, whomOf } from './words.ts';

const COLUMNS: readonly Column<Capture>[] = [
  { name: 'Capture', mono: true, cell: ({ id }) => <a href={`/captures/${id}`}>{id}</a> },
  { name: 'Of', cell: whomOf },
  { name: 'State', cell: (capture) => <State capture={capture} /> },
  { name: 'Began', cell: ({ startedAt }) => <Time at={startedAt} /> },
  { name: 'Reaches back', cell: (capture) => reachText(capture) },
  { name: 'Has', cell: takenText },
  { name: 'Size', numeric: true, cell: ({ bytes }) => bytesText(bytes) },
  { name: 'For', cell: ({ reason }) => reason },
  { name: 'By', cell: ({ who }) => who },
];

function reachText(capture: Capture): string {
  const reach = reachMs(capture);
  if (reach !== undefined) return spanText(reach);
  return capture.lookBack && isRunning(capture) ? '…' : '–';
}

export function State({ capture }: { readonly capture: Capture }): JSX.Element {
  return isRunning(capture) ? <Badge tone="info">recording</Badge> : <Badge>ended: {capture.endedBy}</Badge>;
}

export function CapturesPage(_props: PageProps): JSX.Element {
  const { asked, again } = useCaptures(() => true);
  return (
    <div class="page">
      <h1>Captures</h1>
      <Answered asked={asked} again={again}>
        {({ captures }) =>
          captures.length === 0 ? (
            <NoCaptures />
          ) : (
            <Table caption="Captures" columns={COLUMNS} rows={captures} keyOf={({ id }) => id} />
          )
        }
      </Answered>
    </div>
  );
}

function NoCaptures(): JSX.Element {
  const may = useMay('capture');
  return (
    <Empty title="Nobody is captured">
      <p>
        A capture keeps everything one user does for a while, good or failed, and what the recorder still holds from
        before it began.
      </p>
      {may && (
        <p>
          <a href="/support">Record a user</a>, or by the command line:
        </p>
      )}
      <Command text={'loopctl capture start --user 42 --for 10m --reason "ticket 811"'} />
    </Empty>
  );
}
