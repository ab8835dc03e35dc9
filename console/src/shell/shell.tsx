import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LiveState } from '../api/live.ts';
import { useApp, useMay, useMayAll } from '../app/context.ts';
import { ApiProblem } from '../api/problem.ts';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Help } from './help.tsx';
import { useKeys } from './keys.ts';
import { matchPath } from './match.ts';
import { usePlace } from './router.ts';
import type { Page, Route } from './routes.ts';
import { ROUTES } from './routes.ts';

/** The bar on top and the page of the address under it. */
export function Shell(): JSX.Element {
  const { live, router } = useApp();
  const { path } = usePlace();
  const [help, setHelp] = useState(false);
  const may = useMayAll();
  useKeys([
    { key: '?', does: 'these keys', run: () => setHelp(true) },
    ...ROUTES.filter(({ key, needs }) => key !== undefined && may(needs)).map(({ key, title, path: to }) => ({
      key: `g ${key}`,
      does: `go to ${title}`,
      run: () => router.go(to),
    })),
  ]);
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Bar path={path} help={() => setHelp(true)} />
      <main id="main" tabIndex={-1}>
        <Current path={path} />
      </main>
      {help && <Help close={() => setHelp(false)} />}
    </>
  );
}

function Bar({ path, help }: { readonly path: string; readonly help: () => void }): JSX.Element {
  return (
    <header class="bar">
      <a class="brand" href="/">
        loop
      </a>
      <nav aria-label="Pages">
        {ROUTES.filter(({ key }) => key !== undefined).map((route) => (
          <NavLink key={route.path} route={route} current={isUnder(path, route.path)} />
        ))}
      </nav>
      <LiveSign />
      <ThemeButton />
      <button type="button" class="quiet" onClick={help} aria-label="Keys" title="Keys">
        <kbd>?</kbd>
      </button>
      <Who />
    </header>
  );
}

/** `/loops/…` is part of Failures, whose path is `/`. */
function isUnder(path: string, route: string): boolean {
  return route === '/' ? path === '/' || path.startsWith('/loops') : path.startsWith(route);
}

function NavLink({ route, current }: { readonly route: Route; readonly current: boolean }): JSX.Element | null {
  if (!useMay(route.needs)) return null;
  return (
    <a href={route.path} aria-current={current ? 'page' : undefined}>
      {route.title}
    </a>
  );
}

const LIVE_SAYS: Readonly<Record<LiveState, string>> = {
  off: 'not live',
  connecting: 'connecting',
  live: 'live',
  away: 'loopd away',
  refused: 'signed out',
};

function LiveSign(): JSX.Element {
  const { live } = useApp();
  const [state, setState] = useState(live.state);
  useEffect(() => {
    // It may have changed since this was drawn.
    setState(live.state);
    return live.watch(setState);
  }, [live]);
  return (
    <span class={`live ${state}`} role="status">
      {LIVE_SAYS[state]}
    </span>
  );
}

function ThemeButton(): JSX.Element {
  const { theme } = useApp();
  const [choice, setChoice] = useState(theme.choice);
  return (
    <button type="button" class="quiet" onClick={() => setChoice(theme.next())}>
      <span class="unseen">Theme: </span>
      {choice}
    </button>
  );
}

function Who(): JSX.Element {
  const { client, session, setSession } = useApp();
  const signOut = async (): Promise<void> => {
    await client.call('signOut', {}).catch(() => undefined);
    setSession(await client.call('session', {}));
  };
  return (
    <span class="who">
      <span title={session.principal?.roles.join(', ')}>{session.principal?.name}</span>
      <button type="button" class="quiet" onClick={() => void signOut()}>
        Sign out
      </button>
    </span>
  );
}

function Current({ path }: { readonly path: string }): JSX.Element {
  for (const route of ROUTES) {
    const params = matchPath(route.path, path);
    if (params !== undefined) return <Routed key={path} route={route} params={params} />;
  }
  return (
    <>
      <h1 class="unseen">Loop</h1>
      <Empty title="There is no such page">
        <a href="/">All failures</a>
      </Empty>
    </>
  );
}

function Routed({
  route,
  params,
}: {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}): JSX.Element {
  const allowed = useMay(route.needs);
  const page = usePage(route);
  useEffect(
    () => void (document.title = `${Object.values(params).join(' ')} ${route.title} · Loop`.trim()),
    [route, params],
  );
  if (!allowed)
    return (
      <>
        <h1 class="unseen">{route.title}</h1>
        <ErrorBox problem={notAllowed(route)} />
      </>
    );
  if (page === undefined) return <p class="asking">Loading …</p>;
  if (page instanceof ApiProblem) return <ErrorBox problem={page} />;
  const Shown = page;
  return <Shown params={params} />;
}

function usePage(route: Route): Page | ApiProblem | undefined {
  const held = useRef<Page | ApiProblem>(undefined);
  const [, setTurn] = useState(0);
  useEffect(() => {
    const hold = (page: Page | ApiProblem): void => {
      held.current = page;
      setTurn((before) => before + 1);
    };
    const gone = new ApiProblem('unknown', 0, 'This page could not be loaded.', 'loopd may have been updated: reload.');
    void Promise.resolve(route.load()).then(hold, () => hold(gone));
  }, [route]);
  return held.current;
}

function notAllowed({ title, needs }: Route): ApiProblem {
  return new ApiProblem(
    'forbidden',
    403,
    `You may not see ${title}.`,
    `It needs the permission "${needs}": ask an admin of Loop.`,
  );
}
