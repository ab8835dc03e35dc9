/** Who presses the support button: whoever shows a signed reference, or the handle it was answered with. */
import type { Asking } from '../../access/asking.ts';
import { headerOf } from '../../access/asking.ts';
import type { Handle } from '../../access/handle.ts';
import { readHandle } from '../../access/handle.ts';
import type { Reference, ReferenceFault } from '../../access/reference.ts';
import { readReference } from '../../access/reference.ts';
import { WrongTokens } from '../../access/slow.ts';
import type { ButtonKey, Principal } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ApiError } from '../error.ts';
import { Pace } from './pace.ts';
import type { ButtonTool } from './tool.ts';

export interface Caller {
  readonly principal: Principal;
  readonly shown: Reference | Handle;
}

export interface CallersOptions {
  readonly tools: readonly ButtonTool[];
  readonly key: ButtonKey;
  readonly clock: Clock;
}

export class Callers {
  readonly #options: CallersOptions;
  readonly #pace: Pace;
  readonly #wrong: WrongTokens;

  constructor(options: CallersOptions) {
    this.#options = options;
    this.#pace = new Pace(options.clock);
    this.#wrong = new WrongTokens(options.clock);
  }

  /**
   * Rejects with ApiError: `unauthorised` for what nobody signed that is known, `invalid` for what is signed but wrong, `expired`, `slow-down`,
   * `forbidden` for a page of another origin than its tool's.
   */
  async identify(asking: Asking): Promise<Caller> {
    const token = /^Bearer (\S+)$/i.exec(headerOf(asking, 'authorization') ?? '')?.[1] ?? '';
    const shown = await this.#read(token, asking);
    const tool = this.#options.tools.find(({ name }) => name === shown.tool);
    if (tool === undefined) throw this.#unknown(asking, 'The support tool that this is of is not known here any more.');
    checkOrigin(asking, tool);
    if (!this.#pace.note(token)) throw tooOften('This is asked too often');
    const name = `${shown.agent} (${tool.name})`;
    const grants = [{ role: 'support' }] as const;
    return { shown, principal: { id: `reference:${name}`, name, by: 'support-reference', grants } };
  }

  async #read(token: string, asking: Asking): Promise<Reference | Handle> {
    const { tools, key, clock } = this.#options;
    const now = clock.now();
    const handle = await readHandle(token, key, now);
    if (handle === 'ended') throw new ApiError('expired', 'This capture has been over for a while.', SEE_CONSOLE);
    const shown = handle ?? (await readReference(token, tools, now));
    if (shown.kind === 'handle') return shown;
    if (shown.kind === 'reference') {
      if (now < shown.until) return shown;
      throw new ApiError('expired', 'This reference has ended.', 'Load the page of the support tool again.');
    }
    throw shown.kind === 'wrong'
      ? new ApiError('invalid', shown.message, HOW_TO_SIGN)
      : this.#unknown(asking, shown.message);
  }

  #unknown(asking: Asking, said: ReferenceFault['message']): ApiError {
    const seconds = this.#wrong.note(asking.address);
    return seconds === undefined
      ? new ApiError('unauthorised', said, HOW_TO_SIGN)
      : tooOften('Too many references that nobody signed came from this address');
  }
}

const SEE_CONSOLE = 'The link that it gave shows what it has.';
const HOW_TO_SIGN = 'docs/SUPPORT.md has what stands in a reference.';

function tooOften(what: string): ApiError {
  return new ApiError('slow-down', `${what}.`, 'Wait a minute.');
}

/** What no page sends has no origin, and needs none: no browser asks for it. */
function checkOrigin(asking: Asking, { name, origins }: ButtonTool): void {
  if (asking.headers['origin'] === undefined || origins.includes(headerOf(asking, 'origin') ?? '')) return;
  throw new ApiError(
    'forbidden',
    `This page is not one of the support tool "${name}".`,
    'Its origin has to stand under support.tools of loopd.yaml.',
  );
}
