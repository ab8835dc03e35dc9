/** What the button shows, and what it says of it. Nothing here touches a page. */
import type { ButtonAnswer } from '../../src/api/contract/results.ts';

export type State =
  | { readonly kind: 'idle' | 'starting' | 'expired' }
  | { readonly kind: 'collecting' | 'stopping' | 'stopped'; readonly answer: ButtonAnswer }
  | { readonly kind: 'refused'; readonly why: string }
  /** `answer`: of the recording that goes on without this page. */
  | { readonly kind: 'unreachable'; readonly answer?: ButtonAnswer };

/** What a call came to. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: ButtonAnswer }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'expired' | 'unreachable' };

export function next(before: State, outcome: Outcome): State {
  switch (outcome.kind) {
    case 'answer':
      return { kind: outcome.answer.state === 'running' ? 'collecting' : 'stopped', answer: outcome.answer };
    case 'unreachable':
      return 'answer' in before && before.answer !== undefined
        ? { kind: 'unreachable', answer: before.answer }
        : { kind: 'unreachable' };
    case 'refused':
    case 'expired':
      return outcome;
  }
}

/** The one button, by state; undefined where there is nothing to press. */
export function actionOf(state: State): 'start' | 'stop' | 'look' | undefined {
  switch (state.kind) {
    case 'idle':
      return 'start';
    case 'collecting':
      return 'stop';
    case 'unreachable':
      return state.answer === undefined ? 'start' : 'look';
    case 'starting':
    case 'stopping':
    case 'stopped':
    case 'refused':
    case 'expired':
      return undefined;
  }
}

export function labelOf(state: State, start: string): string {
  switch (state.kind) {
    case 'idle':
      return start;
    case 'starting':
      return 'Starting…';
    case 'collecting':
      return 'Stop recording';
    case 'stopping':
      return 'Stopping…';
    case 'unreachable':
      return 'Try again';
    case 'stopped':
    case 'refused':
    case 'expired':
      return '';
  }
}

/** Read aloud when it changes, so it has no counts in it. */
export function statusOf(state: State, time: (at: number) => string): string {
  switch (state.kind) {
    case 'idle':
      return '';
    case 'starting':
      return 'Starting to record this user.';
    case 'stopping':
      return 'Stopping.';
    case 'collecting':
      return `Recording this user until ${time(state.answer.until)}. ${backOf(state.answer, time)}`;
    case 'stopped':
      return `${ENDED[state.answer.endedBy ?? 'stopped']} ${backOf(state.answer, time)}`.trim();
    case 'expired':
      return 'This button is too old to begin a recording. Reload the page, then press it again.';
    case 'refused':
      return `Loop refused: ${state.why}`;
    case 'unreachable':
      return state.answer === undefined
        ? 'Loop cannot be reached, so nothing was started.'
        : `Loop cannot be reached at the moment. The recording goes on there until ${time(state.answer.until)}.`;
  }
}

const ENDED = {
  stopped: 'Recording stopped.',
  time: 'Recording ended: its time was over.',
  bytes: 'Recording ended: it was as large as one may be.',
  count: 'Recording ended: it had as many requests as one may have.',
};

function backOf({ reachedBackTo, startedAt, state }: ButtonAnswer, time: (at: number) => string): string {
  if (reachedBackTo === undefined) return state === 'running' ? 'Looking for what happened before.' : '';
  return startedAt - reachedBackTo < 1000
    ? 'Nothing from before was left.'
    : `It reaches back to ${time(reachedBackTo)}.`;
}

/** Beside the status, and not read aloud. */
export function countsOf({ transactions, failed, state }: ButtonAnswer): string {
  if (transactions === 0) return state === 'running' ? 'No request of this user so far.' : 'No request of this user.';
  return `${transactions} ${transactions === 1 ? 'request' : 'requests'}${state === 'running' ? ' so far' : ''}, ${failed === 0 ? 'none' : failed} failed.`;
}
