import { useCallback, useEffect, useState } from 'preact/hooks';
import { useApp } from '../app/context.ts';

export interface Place {
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
}

/** The address bar as state: what one looks at can be sent to somebody, and Back goes back. */
export class Router {
  readonly #window: Window;
  readonly #listeners = new Set<(place: Place) => void>();

  constructor(window: Window) {
    this.#window = window;
    window.addEventListener('popstate', () => this.#tell());
    window.document.addEventListener('click', (event) => this.#follow(event));
  }

  get place(): Place {
    const { pathname, search } = this.#window.location;
    return { path: pathname, query: search.slice(1) };
  }

  /** `replace`: not worth a step Back, as each letter of a search. */
  go(to: string, { replace = false } = {}): void {
    this.#window.history[replace ? 'replaceState' : 'pushState'](null, '', to);
    this.#tell();
  }

  listen(listener: (place: Place) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.place);
  }

  /** Plain links of ours, plainly clicked, do not load the page again. */
  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    if (link.origin !== this.#window.location.origin || link.pathname.startsWith('/v1/') || link.hash !== '') return;
    event.preventDefault();
    this.go(`${link.pathname}${link.search}`);
  }
}

export function usePlace(): Place {
  const { router } = useApp();
  const [place, setPlace] = useState(router.place);
  useEffect(() => router.listen(setPlace), [router]);
  return place;
}

/** The query of the address as state. `set` with undefined or '' removes a name; `replace` for what changes with each key. */
export function useQuery(): {
  readonly query: URLSearchParams;
  readonly set: (changes: Readonly<Record<string, string | undefined>>, how?: { replace?: boolean }) => void;
} {
  const { router } = useApp();
  const { query } = usePlace();
  const set = useCallback(
    (changes: Readonly<Record<string, string | undefined>>, how: { replace?: boolean } = {}) => {
      const { path, query: before } = router.place;
      const after = changedQuery(before, changes);
      if (after !== before) router.go(after === '' ? path : `${path}?${after}`, how);
    },
    [router],
  );
  return { query: new URLSearchParams(query), set };
}

export function changedQuery(query: string, changes: Readonly<Record<string, string | undefined>>): string {
  const after = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') after.delete(name);
    else after.set(name, value);
  }
  return after.toString();
}
