/** A page that is watched for scripts that nobody meant to be run: it can be called by them, and sees what they load and what its policy stops. */
import type { Page } from 'playwright-core';
import { HOSTILE, traceOf } from './hostile-text.ts';

export interface WatchedPage {
  readonly page: Page;
  /** What called `ran(name)`, in any frame. */
  readonly ran: Set<string>;
  /** Requests to anybody but `own`: they go nowhere. */
  readonly foreign: string[];
  /** `directive frame` of what a content security policy stopped. */
  readonly stopped: string[];
  readonly dialogs: string[];
}

/** `own`: origins that are answered. */
export async function watched(page: Page, own: readonly string[]): Promise<WatchedPage> {
  const seen: WatchedPage = { page, ran: new Set(), foreign: [], stopped: [], dialogs: [] };
  const context = page.context();
  await context.exposeFunction('ran', (name: string) => void seen.ran.add(name));
  await context.exposeFunction('stopped', (what: string) => void seen.stopped.push(what));
  await context.addInitScript(
    `document.addEventListener('securitypolicyviolation', (event) =>
      globalThis.stopped(event.effectiveDirective + ' ' + location.pathname))`,
  );
  await context.route('**/*', async (route) => {
    const url = route.request().url();
    if (own.some((origin) => url.startsWith(`${origin}/`))) return route.continue();
    seen.foreign.push(url);
    return route.abort();
  });
  page.on('dialog', (dialog) => {
    seen.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return seen;
}

/** Elements and attributes that recorded text must never become, as they are written. */
export async function markupIn({ page }: Pick<WatchedPage, 'page'>): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>(
    `[...document.querySelectorAll('*')].flatMap((element) => {
    const bad = element.matches('iframe, object, embed, base, video, audio, math, template, script:not([src]), meta[http-equiv], body style')
      || [...element.attributes].some(({ name, value }) => name.startsWith('on')
        || (/^(href|src|action|formaction|xlink:href|data|poster)$/.test(name) && !isOwn(value))
        || name === 'srcdoc');
    return bad ? [element.outerHTML.slice(0, 200)] : [];
    // By protocol too: where a page has no origin, neither has a script.
    function isOwn(value) {
      const { protocol, origin } = new URL(value, location.href);
      return ['http:', 'https:', 'blob:'].includes(protocol) && origin === location.origin;
    }
  })`,
  );
}

/** Names of hostile texts that the page shows: their call, or all of those that have none. */
export async function tracesIn({ page }: Pick<WatchedPage, 'page'>): Promise<readonly string[]> {
  const shown = await page.evaluate<string>('document.body.textContent');
  return HOSTILE.flatMap(({ name, text }) =>
    shown.includes(text.includes(traceOf(name)) ? traceOf(name) : text) ? [name] : [],
  );
}
