import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Capture } from '../../../src/domain/capture.ts';
import { problemFrom } from '../api/use-answer.ts';
import { useApp } from '../app/context.ts';
import { isRunning, useCaptures } from '../captures/use-capture.ts';
import { takenText, whomOf } from '../captures/words.ts';
import type { PageProps } from '../shell/routes.ts';
import { useQuery } from '../shell/router.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import type { Wanted } from './form.tsx';
import { SupportForm } from './form.tsx';
import { Status } from './status.tsx';
import './support.css';

/** For people who answer the phone. The address names the recording, never its user. */
export function SupportPage(_props: PageProps): JSX.Element {
  const { query, set } = useQuery();
  const id = query.get('capture') ?? undefined;
  const { asked, again } = useCaptures(() => true);
  const captures = asked.kind === 'answered' ? asked.answer.captures : [];
  const chosen = captures.find((one) => one.id === id);
  const begun = (capture: Capture): void => {
    set({ capture: capture.id });
    again();
  };
  return (
    <div class="support">
      <h1>Record what a user does</h1>
      {chosen === undefined ? (
        <>
          <p>
            Somebody calls and says that something is wrong? Loop can keep everything this user does from now on, and
            what they did just before. You do not see what is in it; an engineer does, by a link that you get here.
          </p>
          {id !== undefined && asked.kind === 'answered' && (
            <p class="warn">The recording {id} is not there any more.</p>
          )}
          <Start begun={begun} />
        </>
      ) : (
        <Status capture={chosen} look={again} another={() => set({ capture: undefined })} />
      )}
      {asked.kind === 'refused' && <ErrorBox problem={asked.problem} again={again} />}
      <Running captures={captures.filter((one) => isRunning(one) && one !== chosen)} />
    </div>
  );
}

function Start({ begun }: { readonly begun: (capture: Capture) => void }): JSX.Element {
  const { client, session } = useApp();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const start = ({ user, reason, minutes }: Wanted): void => {
    setBusy(true);
    setFailed(undefined);
    client
      .call('startCapture', { user, reason, forMs: minutes * 60_000, who: session.principal?.name ?? '' })
      .then(begun, setFailed)
      .finally(() => setBusy(false));
  };
  return (
    <>
      <SupportForm busy={busy} start={start} />
      {failed !== undefined && <ErrorBox problem={problemFrom(failed)} />}
    </>
  );
}

function Running({ captures }: { readonly captures: readonly Capture[] }): JSX.Element | null {
  if (captures.length === 0) return null;
  return (
    <section aria-label="Going on now">
      <h2>Going on now</h2>
      <ul>
        {captures.map((capture) => (
          <li key={capture.id}>
            <a href={`/support?capture=${capture.id}`}>{whomOf(capture)}</a> for {capture.reason}, by {capture.who}:{' '}
            {takenText(capture)}
          </li>
        ))}
      </ul>
    </section>
  );
}
