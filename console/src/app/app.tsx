import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { SessionAnswer } from '../../../src/api/contract/results.ts';
import type { ApiProblem } from '../api/problem.ts';
import { problemFrom } from '../api/use-answer.ts';
import { LoginPage } from '../login/page.tsx';
import { Shell } from '../shell/shell.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import type { AppParts } from './context.ts';
import { AppContext } from './context.ts';

export interface AppProps {
  readonly parts: Omit<AppParts, 'session' | 'setSession'>;
}

/** Asks who is there; shows the login to a stranger and the page of the address to everybody else. */
export function App({ parts }: AppProps): JSX.Element {
  const { client, live } = parts;
  const [session, setSession] = useState<SessionAnswer | ApiProblem>();
  const [turn, setTurn] = useState(0);
  useEffect(
    () => void client.call('session', {}).then(setSession, (error: unknown) => setSession(problemFrom(error))),
    [client, turn],
  );
  useEffect(() => live.watch((state) => state === 'refused' && setTurn((before) => before + 1)), [live]);
  const known = session !== undefined && 'signIn' in session ? session : undefined;
  const value = useMemo(() => known && { ...parts, session: known, setSession }, [parts, known]);
  if (session === undefined) return <p class="asking">Loading …</p>;
  if (value === undefined || known === undefined)
    return <Away problem={problemFrom(session)} again={() => setTurn(turn + 1)} />;
  client.csrf = known.csrf;
  return (
    <AppContext.Provider value={value}>{known.principal === undefined ? <LoginPage /> : <Shell />}</AppContext.Provider>
  );
}

const RETRY_MS = 2000;

function Away({ problem, again }: { readonly problem: ApiProblem; readonly again: () => void }): JSX.Element {
  useEffect(() => {
    const timer = setInterval(again, RETRY_MS);
    return () => clearInterval(timer);
  }, [again]);
  return (
    <main class="alone">
      <ErrorBox problem={problem} again={again} />
    </main>
  );
}
