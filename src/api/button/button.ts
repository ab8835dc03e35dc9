/** The support button's three questions. What is asked here tells nothing of the recordings: counts, times, and a link for an engineer. */
import type { Handle } from '../../access/handle.ts';
import { captureOf, signHandle } from '../../access/handle.ts';
import type { Reference } from '../../access/reference.ts';
import type { Capture, CaptureId } from '../../domain/capture.ts';
import type { ButtonAnswer } from '../contract/results.ts';
import { ApiError } from '../error.ts';
import { attempt } from '../failures.ts';
import type { ApiFor } from '../port.ts';
import { BegunCaptures } from './begun.ts';
import type { Caller, CallersOptions } from './callers.ts';

export interface ButtonOptions extends CallersOptions {
  readonly apiFor: ApiFor;
  /** A capture as it stands, which is not audited. Rejects with StorageError. */
  readonly peek: (id: CaptureId) => Promise<Capture | undefined>;
  /** Where an engineer looks at it. */
  readonly link: (id: CaptureId) => string;
}

/** After its end one may still look how it ended. */
const AFTERWARDS_MS = 15 * 60_000;

export class Button {
  readonly #options: ButtonOptions;
  /** Presses of one reference at the same time begin one capture. */
  readonly #beginning = new Map<CaptureId, Promise<Capture>>();
  readonly #hasBegun: BegunCaptures;

  constructor(options: ButtonOptions) {
    this.#options = options;
    this.#hasBegun = new BegunCaptures(options.clock);
  }

  /** Once however often it is pressed, and not again once that was deleted. `forMs`: for less than the reference says. */
  async press(caller: Caller, forMs: number | undefined): Promise<ButtonAnswer> {
    const { shown } = caller;
    if (shown.kind !== 'reference')
      throw new ApiError('forbidden', 'A handle looks at a capture and ends it; a reference begins one.');
    const { key, link } = this.#options;
    const id = captureOf(shown, key);
    const capture = await this.#begun(id, caller, shown, forMs);
    this.#hasBegun.note(id, shown.until);
    const handle: Handle = { kind: 'handle', capture: id, tool: shown.tool, agent: shown.agent };
    const signed = await signHandle(handle, key, capture.until + AFTERWARDS_MS);
    return { ...answerOf(capture, link(id)), handle: signed };
  }

  async look({ shown }: Caller): Promise<ButtonAnswer> {
    const { capture } = handleOf(shown);
    return answerOf(await this.#found(capture), this.#options.link(capture));
  }

  /** One that has ended already stays as it ended. */
  async release({ shown, principal }: Caller): Promise<ButtonAnswer> {
    const { capture: id } = handleOf(shown);
    const { apiFor, link } = this.#options;
    const found = await this.#found(id);
    return answerOf(found.endedBy === undefined ? await apiFor(principal).captures.stop(id) : found, link(id));
  }

  #begun(id: CaptureId, caller: Caller, reference: Reference, forMs: number | undefined): Promise<Capture> {
    const begun = this.#beginning.get(id) ?? this.#begin(id, caller, reference, forMs);
    this.#beginning.set(id, begun);
    const done = (): void => void this.#beginning.delete(id);
    begun.then(done, done);
    return begun;
  }

  async #begin(
    id: CaptureId,
    { principal }: Caller,
    { user, reason, forMs: longest }: Reference,
    forMs: number = longest,
  ): Promise<Capture> {
    const known = await attempt(() => this.#options.peek(id));
    if (known !== undefined) return known;
    if (this.#hasBegun.has(id)) throw deleted();
    const asked = { user, reason, who: principal.name, forMs: Math.min(forMs, longest) };
    return this.#options.apiFor(principal).captures.start(asked, id);
  }

  async #found(id: CaptureId): Promise<Capture> {
    const capture = await attempt(() => this.#options.peek(id));
    if (capture !== undefined) return capture;
    throw deleted();
  }
}

function deleted(): ApiError {
  return new ApiError('not-found', 'This capture was deleted.', 'Press the button again on a fresh page.');
}

function handleOf(shown: Caller['shown']): Handle {
  if (shown.kind === 'handle') return shown;
  throw new ApiError('forbidden', 'A reference begins a capture; the handle in the answer looks at it and ends it.');
}

function answerOf(capture: Capture, link: string): ButtonAnswer {
  const { id, startedAt, until, endedAt, endedBy, reachedBackTo, transactions, failed, bytes, notes } = capture;
  return {
    capture: id,
    state: endedBy === undefined ? 'running' : 'over',
    startedAt,
    until,
    ...(endedAt !== undefined && { endedAt }),
    ...(endedBy !== undefined && { endedBy }),
    ...(reachedBackTo !== undefined && { reachedBackTo }),
    transactions,
    failed,
    bytes,
    notes: notes.map(({ what }) => what),
    link,
  };
}
