import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Capture } from '../../../src/domain/capture.ts';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import { problemFrom, useAnswer } from '../api/use-answer.ts';
import { useMay } from '../app/context.ts';
import type { PageProps } from '../shell/routes.ts';
import { Answered } from '../ui/asked.tsx';
import { Command } from '../ui/command.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { bytesText, spanText } from '../ui/format.ts';
import { Time } from '../ui/time.tsx';
import './captures.css';
import { State } from './page.tsx';
import { timelineOf } from './timeline.ts';
import { TimelineTable } from './timeline-table.tsx';
import { isRunning, useCapture, useStop } from './use-capture.ts';
import { AFTERWARDS, ENDED, reachMs, takenText, whomOf } from './words.ts';

export function CapturePage({ params: { id = '' } }: PageProps): JSX.Element {
  const { asked, again } = useAnswer('showCapture', { id });
  const { capture, again: look } = useCapture(id);
  // Whoever shows it again is audited again, so only when there is something new.
  const changes =
    capture &&
    `${capture.transactions} ${capture.failed} ${capture.bytes} ${capture.endedBy ?? ''} ${capture.notes.length}`;
  useEffect(again, [again, changes]);
  if (asked.kind === 'refused' && asked.problem.status === 404) return <Gone id={id} />;
  return (
    <Answered asked={asked} again={again}>
      {(shown) => <Shown capture={capture ?? shown.capture} loops={shown.loops} look={look} />}
    </Answered>
  );
}

function Gone({ id }: { readonly id: string }): JSX.Element {
  return (
    <Empty title={`There is no capture ${id} any more`}>
      <p>Somebody deleted it, or its user was erased. What it had and nothing else wanted is gone with it.</p>
      <p>
        A failure that it had stays a failure: see <a href="/">all failures</a>. To record the user anew, begin{' '}
        <a href="/support">another capture</a>.
      </p>
    </Empty>
  );
}

interface ShownProps {
  readonly capture: Capture;
  readonly loops: readonly LoopSummary[];
  readonly look: () => void;
}

function Shown({ capture, loops, look }: ShownProps): JSX.Element {
  const may = useMay('capture');
  const { stop, busy, failed } = useStop(look);
  return (
    <div class="page capture">
      <header>
        <h1>
          <span class="mono">{capture.id}</span> of {whomOf(capture)}
        </h1>
        <State capture={capture} />
        <CopyButton text={() => `${location.origin}/captures/${capture.id}`} label="Copy the link" />
        {may && isRunning(capture) && (
          <button type="button" class="button" disabled={busy} onClick={() => stop(capture.id)}>
            Stop recording
          </button>
        )}
      </header>
      {failed !== undefined && <ErrorBox problem={problemFrom(failed)} />}
      <Facts capture={capture} />
      {capture.endedBy !== undefined && (
        <p class="over">
          It ended, because {ENDED[capture.endedBy]}. {AFTERWARDS[capture.endedBy]}
        </p>
      )}
      {capture.leftOut > 0 && <LeftOut count={capture.leftOut} />}
      {loops.length === 0 && <NothingYet capture={capture} />}
      <TimelineTable entries={timelineOf(capture, loops)} />
    </div>
  );
}

function Facts({ capture }: { readonly capture: Capture }): JSX.Element {
  const { reason, who, startedAt, until, endedAt, bytes, notWhole } = capture;
  const reach = reachMs(capture);
  return (
    <dl class="facts">
      <dt>For</dt>
      <dd>{reason}</dd>
      <dt>By</dt>
      <dd>{who}</dd>
      <dt>Began</dt>
      <dd>
        <Time at={startedAt} />
      </dd>
      <dt>{endedAt === undefined ? 'Ends' : 'Ended'}</dt>
      <dd>
        <Time at={endedAt ?? until} />
      </dd>
      <dt>Reaches back</dt>
      <dd>
        {reach === undefined
          ? capture.lookBack
            ? 'not known yet'
            : 'not at all'
          : `${spanText(reach)} before it began`}
      </dd>
      <dt>Has</dt>
      <dd>
        {takenText(capture)}
        {notWhole > 0 && `, ${notWhole} not whole`} ({bytesText(bytes)})
      </dd>
    </dl>
  );
}

function LeftOut({ count }: { readonly count: number }): JSX.Element {
  return (
    <p class="warn">
      {count} more show another user too, and were left out. If one person has different ids in different places, name
      one place only in users.ids of loopd.yaml.
    </p>
  );
}

function NothingYet({ capture }: { readonly capture: Capture }): JSX.Element {
  return (
    <Empty title={isRunning(capture) ? 'Nothing of this user so far' : 'Nothing of this user was seen'}>
      <p>
        A request is the user’s when it shows their id where loopd looks for ids: a JWT’s sub, x-user-id and others, or
        what users.ids of loopd.yaml names. Does the id look as it does there?
      </p>
      <Command text={`loopctl show ${capture.id}`} />
    </Empty>
  );
}
