import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiProblem } from '../api/problem.ts';
import { problemFrom } from '../api/use-answer.ts';
import { useApp } from '../app/context.ts';
import { usePlace } from '../shell/router.ts';
import { Command } from '../ui/command.tsx';

/** In front of every page while nobody is signed in; the address stays, so that a link leads where it says. */
export function LoginPage(): JSX.Element {
  const { session } = useApp();
  const place = usePlace();
  const { oidc, token } = session.signIn;
  return (
    <main class="alone">
      <section class="login">
        <h1>Sign in to Loop</h1>
        {oidc !== undefined && (
          <a class="button primary" href={`${oidc.url}?to=${encodeURIComponent(`${place.path}?${place.query}`)}`}>
            Sign in with {oidc.name}
          </a>
        )}
        {oidc !== undefined && token && <p class="muted">or with a token</p>}
        {token && <TokenForm />}
        <p class="muted version">loop {session.version}</p>
      </section>
    </main>
  );
}

function TokenForm(): JSX.Element {
  const { client, setSession } = useApp();
  const field = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const token = field.current?.value.trim() ?? '';
    if (token === '') return;
    setBusy(true);
    try {
      await client.call('signIn', { token });
      setSession(await client.call('session', {}));
    } catch (error) {
      setProblem(problemFrom(error));
      setBusy(false);
      field.current?.select();
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label for="token">Token</label>
      <input
        id="token"
        ref={field}
        type="password"
        autocomplete="current-password"
        spellcheck={false}
        aria-invalid={problem !== undefined}
        aria-describedby="token-help"
      />
      <button type="submit" class="button primary" disabled={busy}>
        Sign in
      </button>
      <div role="alert">{problem !== undefined && <p class="bad">{[problem.message, problem.hint].join(' ')}</p>}</div>
      <TokenHelp />
    </form>
  );
}

function TokenHelp(): JSX.Element {
  return (
    <div id="token-help">
      <p class="muted">On the machine of loopd, its own token stands in its data directory. Others are made with:</p>
      <Command text="loopctl token create --name me --role viewer --for 30d" />
    </div>
  );
}
