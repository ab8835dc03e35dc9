/** What stands in the shadow root: made once, then only its text and what is hidden change, so that focus stays where it is. */
import type { State } from './state.ts';
import { actionOf, countsOf, labelOf, statusOf } from './state.ts';
import { STYLES } from './styles.ts';

export interface View {
  readonly primary: HTMLButtonElement;
  show(state: State, start: string): void;
}

export function createView(root: ShadowRoot): View {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
  const primary = button('primary');
  const dot = make('span', { className: 'dot', hidden: true });
  const said = make('span', {});
  const status = make('p', { role: 'status' });
  status.append(dot, said);
  const counts = make('p', {});
  const notes = make('ul', { hidden: true });
  const hand = createHandOver(said);
  const box = make('section', { ariaLabel: 'Record this user with Loop' });
  box.append(primary, status, counts, notes, ...hand.elements);
  root.append(box);
  return {
    primary,
    show(state, start) {
      const answer = 'answer' in state ? state.answer : undefined;
      const focused = root.activeElement === primary;
      const label = labelOf(state, start);
      set(primary, label);
      primary.hidden = label === '';
      const action = actionOf(state);
      primary.dataset['action'] = action ?? '';
      primary.ariaDisabled = action === undefined ? 'true' : null;
      dot.hidden = state.kind !== 'collecting';
      set(said, statusOf(state, clockTime));
      set(counts, answer === undefined ? '' : countsOf(answer));
      counts.hidden = answer === undefined;
      list(notes, answer?.notes ?? []);
      hand.show(answer?.link, focused && primary.hidden);
    },
  };
}

interface HandOver {
  readonly elements: readonly HTMLElement[];
  /** `focus`: what had it is gone. */
  show(link: string | undefined, focus: boolean): void;
}

/** The link for an engineer. */
function createHandOver(said: HTMLElement): HandOver {
  const line = make('p', { hidden: true });
  const anchor = make('a', { target: '_blank', rel: 'noopener noreferrer' });
  line.append('For an engineer: ', anchor);
  const copy = button('copy');
  copy.className = 'copy';
  copy.hidden = true;
  copy.textContent = 'Copy the link';
  copy.addEventListener('click', () => {
    const copied = (): void => set(said, 'The link is copied.');
    const select = (): void => getSelection()?.selectAllChildren(anchor);
    // Without a secure page there is no clipboard.
    if (navigator.clipboard === undefined) select();
    else navigator.clipboard.writeText(anchor.href).then(copied, select);
  });
  return {
    elements: [line, copy],
    show(link, focus) {
      const shown = link !== undefined && /^https?:/.test(link);
      line.hidden = !shown;
      copy.hidden = !shown;
      if (!shown) return;
      if (anchor.getAttribute('href') !== link) anchor.href = link;
      set(anchor, link);
      if (focus) copy.focus();
    },
  };
}

function list(parent: HTMLElement, sentences: readonly string[]): void {
  parent.hidden = sentences.length === 0;
  if (parent.childElementCount === sentences.length) return;
  parent.replaceChildren(...sentences.map((textContent) => make('li', { textContent })));
}

function button(part: string): HTMLButtonElement {
  const made = make('button', { type: 'button' });
  made.setAttribute('part', part);
  return made;
}

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  more: Partial<HTMLElementTagNameMap[Tag]>,
): HTMLElementTagNameMap[Tag] {
  return Object.assign(document.createElement(tag), more);
}

/** A live region speaks whenever its text is set, also to the same. */
function set(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}
