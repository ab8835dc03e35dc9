import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { LineView } from './body/body-view.tsx';
import type { Frame } from './body/frames.ts';
import { jsonLine } from './body/shown.ts';
import { duration } from './scale.ts';

const FIRST = 100;

/** What was said on a stream, both directions by time. `start`: of the transaction, Unix ms. */
export function StreamPanel({
  frames,
  start,
  cut,
}: {
  readonly frames: readonly Frame[];
  readonly start: number;
  readonly cut: boolean;
}): JSX.Element {
  const [most, setMost] = useState(FIRST);
  return (
    <>
      {cut && <p class="said">Only the first messages are in the readable view; the recording may have more.</p>}
      <ol class="frames">
        {frames.slice(0, most).map((frame, index) => (
          <FrameItem key={index} frame={frame} start={start} />
        ))}
      </ol>
      {frames.length > most && (
        <button type="button" class="button small" onClick={() => setMost(most + FIRST * 5)}>
          {frames.length - most} more messages
        </button>
      )}
    </>
  );
}

function FrameItem({ frame, start }: { readonly frame: Frame; readonly start: number }): JSX.Element {
  const line = useMemo(() => jsonLine(frame.text), [frame]);
  return (
    <li class={frame.from}>
      <span class="frame-from">
        <span aria-hidden="true">{frame.from === 'client' ? '→' : '←'}</span> {frame.from}
        {frame.event !== undefined && <b> {frame.event}</b>}
      </span>
      <time class="muted" dateTime={new Date(frame.at).toISOString()}>
        {duration(frame.at - start)}
      </time>
      <div class="frame-text">{frame.text === '' ? <span class="muted">empty</span> : <LineView line={line} />}</div>
    </li>
  );
}
