/** `<loop-support-button reference="…" url="https://loop.example/">`: what happens in it stays in it. */
import { ask, userOf } from './calls.ts';
import type { State } from './state.ts';
import { actionOf, next } from './state.ts';
import type { View } from './view.ts';
import { createView } from './view.ts';

const EVERY_MS = 2000;
/** Until it is known how far back it reached. */
const AT_FIRST_EVERY_MS = 500;
const HIDDEN_EVERY_MS = 15_000;
/** A second click so soon after the first is no wish to stop. */
const CLICK_MS = 800;

/** Of the loopd the script came from, for elements that name none. */
let home = '';

class LoopSupportButton extends HTMLElement {
  static readonly observedAttributes = ['reference', 'label'];
  #state: State = { kind: 'idle' };
  #reference = '';
  #handle = '';
  #view: View | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #clickedAt = -CLICK_MS;
  /** Counts what was asked, so that an answer that is no longer waited for is not shown. */
  #turn = 0;

  connectedCallback(): void {
    this.#view ??= this.#build();
    this.#show(this.#takeReference());
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
  }

  attributeChangedCallback(): void {
    if (this.#view === undefined) return;
    this.#show(this.#takeReference());
  }

  #build(): View {
    const view = createView(this.attachShadow({ mode: 'open' }));
    view.primary.addEventListener('click', (event) => this.#clicked(event));
    return view;
  }

  /** Another user: what is shown is not theirs. A newer one of the same user: takes over when there is nothing to look at. */
  #takeReference(): State {
    const given = this.getAttribute('reference') ?? '';
    if (given === this.#reference) return this.#state;
    if (userOf(given) === userOf(this.#reference) && 'answer' in this.#state) return this.#state;
    this.#turn += 1;
    this.#reference = given;
    return { kind: 'idle' };
  }

  #clicked({ timeStamp }: Event): void {
    const action = actionOf(this.#state);
    if (action === undefined || (action === 'stop' && timeStamp - this.#clickedAt < CLICK_MS)) return;
    this.#clickedAt = timeStamp;
    if (action === 'start') this.#show({ kind: 'starting' });
    if (this.#state.kind === 'collecting') this.#show({ kind: 'stopping', answer: this.#state.answer });
    void this.#ask(action);
  }

  async #ask(action: 'start' | 'look' | 'stop'): Promise<void> {
    clearTimeout(this.#timer);
    const turn = (this.#turn += 1);
    const by = action === 'start' ? this.#reference : this.#handle;
    const outcome = await ask(action, { base: this.getAttribute('url') ?? home, by });
    if (turn !== this.#turn) return;
    if (outcome.kind === 'answer') this.#handle = outcome.answer.handle ?? this.#handle;
    this.#show(next(this.#state, outcome));
  }

  #show(state: State): void {
    const changed = state.kind !== this.#state.kind;
    this.#state = state;
    this.#view?.show(state, this.getAttribute('label') ?? 'Record this user');
    clearTimeout(this.#timer);
    const pause = this.isConnected ? pauseOf(state) : undefined;
    if (pause !== undefined) this.#timer = setTimeout(() => void this.#ask('look'), pause);
    if (changed) this.#tell(state);
  }

  /** For the page around it, which may note the link in its ticket. */
  #tell(state: State): void {
    const answer = 'answer' in state ? state.answer : undefined;
    const detail = { state: state.kind, capture: answer?.capture, link: answer?.link };
    this.dispatchEvent(new CustomEvent('loop-support', { detail, bubbles: true, composed: true }));
  }
}

/** Until it is looked at again, ms; undefined: not at all. */
function pauseOf(state: State): number | undefined {
  if (state.kind !== 'collecting' && (state.kind !== 'unreachable' || state.answer === undefined)) return undefined;
  if (document.hidden) return HIDDEN_EVERY_MS;
  return state.kind === 'collecting' && state.answer.reachedBackTo === undefined ? AT_FIRST_EVERY_MS : EVERY_MS;
}

export function defineButton(base: string): void {
  home = base;
  if (customElements.get('loop-support-button') === undefined)
    customElements.define('loop-support-button', LoopSupportButton);
}
