export type ThemeChoice = 'system' | 'light' | 'dark';

const KEY = 'loop.theme';
const NEXT: Readonly<Record<ThemeChoice, ThemeChoice>> = { system: 'light', light: 'dark', dark: 'system' };

/** Light or dark as the machine has it, unless one has chosen. The colours are in styles/tokens.css. */
export class Theme {
  readonly #root: HTMLElement;
  readonly #storage: Storage;
  #choice: ThemeChoice;

  constructor(root: HTMLElement, storage: Storage) {
    this.#root = root;
    this.#storage = storage;
    const stored = storage.getItem(KEY);
    this.#choice = stored === 'light' || stored === 'dark' ? stored : 'system';
    this.#apply();
  }

  get choice(): ThemeChoice {
    return this.#choice;
  }

  next(): ThemeChoice {
    this.#choice = NEXT[this.#choice];
    this.#storage.setItem(KEY, this.#choice);
    this.#apply();
    return this.#choice;
  }

  #apply(): void {
    if (this.#choice === 'system') this.#root.removeAttribute('data-theme');
    else this.#root.setAttribute('data-theme', this.#choice);
  }
}
