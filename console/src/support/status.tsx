import type { JSX } from 'preact';
import type { Capture } from '../../../src/domain/capture.ts';
import { isRunning, useStop } from '../captures/use-capture.ts';
import { ENDED, reachMs, takenText, whomOf } from '../captures/words.ts';
import { problemFrom } from '../api/use-answer.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { spanText } from '../ui/format.ts';
import { useNow } from '../ui/time.tsx';

export interface StatusProps {
  readonly capture: Capture;
  readonly look: () => void;
  readonly another: () => void;
}

/** One recording in plain words, while it goes on and afterwards. */
export function Status({ capture, look, another }: StatusProps): JSX.Element {
  const { stop, busy, failed } = useStop(look);
  const link = `${location.origin}/captures/${capture.id}`;
  return (
    <section class="support-status" aria-label="The recording">
      <div role="status">
        <h2>{headline(capture)}</h2>
      </div>
      <p>{reachText(capture)}</p>
      <p>
        <strong>{takenText(capture)}</strong>
        {isRunning(capture) && ' so far'}. <Rest capture={capture} />
      </p>
      {failed !== undefined && <ErrorBox problem={problemFrom(failed)} />}
      <p>
        Give this link to an engineer: <a href={`/captures/${capture.id}`}>{link}</a>
      </p>
      <p class="actions">
        <CopyButton text={link} label="Copy the link" />
        {isRunning(capture) ? (
          <button type="button" class="button" disabled={busy} onClick={() => stop(capture.id)}>
            Stop recording
          </button>
        ) : (
          <button type="button" class="button" onClick={another}>
            Record another user
          </button>
        )}
      </p>
    </section>
  );
}

function headline(capture: Capture): string {
  if (capture.endedBy === undefined) return `Recording ${whomOf(capture)}`;
  return `The recording of ${whomOf(capture)} ended: ${ENDED[capture.endedBy]}`;
}

function reachText(capture: Capture): string {
  const reach = reachMs(capture);
  if (reach === undefined) return isRunning(capture) ? 'Looking for what the user did before …' : '';
  if (reach < 1000) return 'Nothing from before was left to be kept.';
  return `It has what the user did in the ${spanText(reach)} before, too.`;
}

function Rest({ capture: { endedBy, until } }: { readonly capture: Capture }): JSX.Element | null {
  const now = useNow(1000);
  return endedBy === undefined ? <span class="muted">Ends by itself in {spanText(until - now)}.</span> : null;
}
