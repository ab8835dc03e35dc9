import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../app/context.ts';

export interface KeyBinding {
  /** As `KeyboardEvent.key` has it; two with a space between are typed one after the other: `g f`. */
  readonly key: string;
  /** For the help: `next row`. */
  readonly does: string;
  /** Absent: the browser does it by itself; it is only told. */
  readonly run?: () => void;
}

/** What of an event counts. */
export interface Pressed {
  readonly key: string;
  /** A modifier other than Shift is held, or the key goes into a field. */
  readonly elsewhere: boolean;
}

/** How long the first key of two is remembered. */
const PREFIX_MS = 1500;

/** Keys of the page that is shown, on top of those of the shell. The last one who asks for a key has it. */
export class Keys {
  readonly #now: () => number;
  readonly #sets: (readonly KeyBinding[])[] = [];
  #prefix: { readonly key: string; readonly at: number } | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(bindings: readonly KeyBinding[]): () => void {
    this.#sets.unshift(bindings);
    return () => {
      const at = this.#sets.indexOf(bindings);
      if (at >= 0) this.#sets.splice(at, 1);
    };
  }

  /** What can be typed now, the page's own first. */
  list(): readonly KeyBinding[] {
    const known = new Set<string>();
    return this.#sets.flat().filter(({ key }) => !known.has(key) && known.add(key));
  }

  /** True: it was for us. */
  press({ key, elsewhere }: Pressed): boolean {
    const prefix =
      this.#prefix !== undefined && this.#now() - this.#prefix.at < PREFIX_MS ? this.#prefix.key : undefined;
    this.#prefix = undefined;
    if (elsewhere) return false;
    const all = this.list();
    const found = all.find((binding) => binding.key === (prefix === undefined ? key : `${prefix} ${key}`));
    if (found !== undefined) {
      found.run?.();
      return found.run !== undefined;
    }
    if (all.some((binding) => binding.key.startsWith(`${key} `))) this.#prefix = { key, at: this.#now() };
    else return false;
    return true;
  }
}

export function pressedBy(event: KeyboardEvent): Pressed {
  const { target } = event;
  const field =
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input:not([type=checkbox],[type=radio]), textarea, select') !== null);
  const inDialog = target instanceof Element && target.closest('dialog') !== null;
  const elsewhere = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || field || inDialog;
  return { key: event.key, elsewhere };
}

/** Binds keys while the component is shown; always the bindings of its last rendering are run. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const { keys } = useApp();
  const latest = useRef(bindings);
  latest.current = bindings;
  const names = bindings.map(({ key, does }) => `${key}\t${does}`).join('\n');
  useEffect(() => {
    const stable = latest.current.map(({ key, does, run }) => ({
      key,
      does,
      ...(run !== undefined && { run: () => latest.current.find((binding) => binding.key === key)?.run?.() }),
    }));
    return keys.add(stable);
  }, [keys, names]);
}
