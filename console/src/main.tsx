/** The root of the console: everything of the browser that pages use is handed in here. */
import { render } from 'preact';
import { Client } from './api/client.ts';
import { Live } from './api/live.ts';
import { App } from './app/app.tsx';
import { Keys, pressedBy } from './shell/keys.ts';
import { Router } from './shell/router.ts';
import { Theme } from './shell/theme.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/ui.css';
import './styles/shell.css';

const client = new Client((input, init) => fetch(input, init));
const live = new Live(client, waitFor);
const now = (): number => Date.now();
const keys = new Keys(now);
document.addEventListener('keydown', (event) => keys.press(pressedBy(event)) && event.preventDefault());
const parts = {
  client,
  live,
  router: new Router(window),
  theme: new Theme(document.documentElement, localStorage),
  keys,
  now,
};
const root = document.getElementById('app');
if (root !== null) render(<App parts={parts} />, root);

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
