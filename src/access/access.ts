/** Who asks: from a token or the cookie of a session, behind what is refused whoever asks. */
import type { Principal, Tenant } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { cookiesOf, headerOf, hostOf, type Asking } from './asking.ts';
import { sessionCookie, sessionCookieName, type CookieKind } from './cookie.ts';
import { AccessError } from './error.ts';
import { guardCookie, guardHost, guardOrigin, guardWrite, isRead, type GuardOptions } from './guard.ts';
import { sameSecret, type Random } from './secrets.ts';
import { Sessions, type Session } from './sessions.ts';
import { WrongTokens } from './slow.ts';
import { Tokens } from './tokens.ts';
import type { TokenFile } from './token-file.ts';

export interface AccessOptions {
  /** The generated token: may everything, everywhere. */
  readonly token: string;
  readonly file: TokenFile;
  readonly clock: Clock;
  readonly random: Random;
  readonly tenants: readonly Tenant[];
  readonly guard: GuardOptions;
  readonly idleMs: number;
  readonly longestMs: number;
}

/** Somebody, and for how long. */
export interface Known {
  readonly principal: Principal;
  /** Of a cookie. */
  readonly session?: Session;
  /** Whether they are somebody still: asked by streams, which outlive the request that began them. */
  goesOn(): boolean;
}

export interface SignedIn {
  readonly session: Session;
  /** For `set-cookie`. */
  readonly cookie: string;
}

const GENERATED = 'generated';

export class Access {
  readonly tokens: Tokens;
  readonly #options: AccessOptions;
  readonly #sessions: Sessions;
  readonly #wrong: WrongTokens;

  private constructor(options: AccessOptions, tokens: Tokens) {
    this.#options = options;
    this.tokens = tokens;
    this.#sessions = new Sessions(options);
    this.#wrong = new WrongTokens(options.clock);
    tokens.onRevoked((id) => this.#sessions.endAllOf(id));
  }

  /** Rejects with AccessError `damaged`. */
  static async open(options: AccessOptions): Promise<Access> {
    return new Access(options, await Tokens.open(options));
  }

  /** Whatever is asked, pages too. Throws AccessError `forbidden`. */
  checkHost(asking: Asking): void {
    guardHost(asking, this.#options.guard);
  }

  /**
   * Undefined: nobody, because nothing was sent that says so. Throws AccessError `unauthorised` and `slow-down` for a wrong token,
   * `forbidden` for what a page of another origin had a browser send, and for a cookie without its `x-loop-csrf`.
   */
  who(asking: Asking): Known | undefined {
    const { guard } = this.#options;
    guardHost(asking, guard);
    guardOrigin(asking, guard);
    if (asking.headers['authorization'] !== undefined) return this.#byToken(asking, bearerOf(asking));
    const known = this.#bySession(asking);
    if (known !== undefined && !isRead(asking)) {
      guardWrite(asking, guard);
      checkCsrf(asking, known.session);
    }
    return known;
  }

  /** With a token that was typed in. Throws as `who` does. */
  signIn(asking: Asking, token: string): SignedIn {
    guardHost(asking, this.#options.guard);
    guardWrite(asking, this.#options.guard);
    // A session that no later request could use is not begun.
    guardCookie(asking);
    const found = this.#find(token);
    if (found === undefined) throw this.#wrongToken(asking);
    return this.begin(asking, found.principal, found.until);
  }

  /** A session of somebody who has proved who they are. `until`: Unix ms. */
  begin(asking: Asking, principal: Principal, until?: number): SignedIn {
    for (const cookie of this.#cookies(asking)) this.#sessions.end(cookie);
    const { cookie, session } = this.#sessions.start(principal, until);
    const seconds = (session.until - this.#options.clock.now()) / 1000;
    return { session, cookie: sessionCookie(asking, this.kind(asking), cookie, seconds) };
  }

  /** Returns what takes the cookie away. */
  signOut(asking: Asking): string {
    for (const cookie of this.#cookies(asking)) this.#sessions.end(cookie);
    return sessionCookie(asking, this.kind(asking), '', 0);
  }

  /** Cookies are for https where the request came under the configured address. */
  kind(asking: Asking): CookieKind {
    const { url } = this.#options.guard;
    return { secure: url?.protocol === 'https:' && hostOf(asking)?.name === url.hostname };
  }

  #byToken(asking: Asking, token: string): Known {
    const found = this.#find(token);
    if (found === undefined) throw this.#wrongToken(asking);
    const { principal } = found;
    return { principal, goesOn: () => this.#isSomebody(principal) };
  }

  #bySession(asking: Asking): (Known & { readonly session: Session }) | undefined {
    const cookies = this.#cookies(asking);
    if (cookies.length === 0) return undefined;
    guardCookie(asking);
    for (const cookie of cookies) {
      const session = this.#sessions.find(cookie);
      const goesOn = () =>
        session !== undefined && this.#sessions.goesOn(session) && this.#isSomebody(session.principal);
      if (session !== undefined && this.#isSomebody(session.principal))
        return { principal: session.principal, session, goesOn };
    }
    return undefined;
  }

  #find(token: string): { readonly principal: Principal; readonly until?: number } | undefined {
    if (sameSecret(token, this.#options.token))
      return { principal: { id: GENERATED, name: 'token', by: 'token', grants: [{ role: 'admin' }] } };
    return this.tokens.find(token);
  }

  /** A token may have ended or been revoked since. */
  #isSomebody({ id }: Principal): boolean {
    return id === undefined || !id.startsWith('token:') || this.tokens.alive(id);
  }

  #wrongToken(asking: Asking): AccessError {
    const seconds = this.#wrong.note(asking.address);
    return seconds === undefined
      ? new AccessError(
          'unauthorised',
          'The token is missing or wrong.',
          'It is in the file "token" of the data directory; loopctl finds it with --data or LOOP_TOKEN.',
        )
      : new AccessError(
          'slow-down',
          'Too many wrong tokens came from this address.',
          `Wait ${seconds} seconds. A right token works all the same.`,
        );
  }

  #cookies(asking: Asking): readonly string[] {
    return cookiesOf(asking, sessionCookieName(asking, this.kind(asking)));
  }
}

function bearerOf(asking: Asking): string {
  return /^Bearer (.+)$/i.exec(headerOf(asking, 'authorization') ?? '')?.[1] ?? '';
}

function checkCsrf(asking: Asking, { csrf }: Session): void {
  if (sameSecret(headerOf(asking, 'x-loop-csrf') ?? '', csrf)) return;
  throw new AccessError(
    'forbidden',
    'On the word of a cookie something is changed only with the x-loop-csrf of its session.',
    'GET /v1/session has it.',
  );
}
