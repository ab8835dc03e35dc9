/**
 * Signing in at an OpenID provider: authorization code with PKCE (RFC 7636), state and nonce (OpenID Connect Core 1.0, 3.1). Whoever comes back
 * is known by issuer and subject; groups become roles as it is configured, and nobody has a role unasked.
 */
import type { Configuration, IDToken } from 'openid-client';
import type { Principal, Tenant } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { grantsInClaims, nameInClaims, type Claims } from './claims.ts';
import type { OidcSettings } from './config.ts';
import { AccessError } from './error.ts';
import { digestOf, newSecret, type Random } from './secrets.ts';
import { Slow } from './slow.ts';

export const START_PATH = '/auth/oidc';
export const CALLBACK_PATH = '/auth/oidc/callback';
/** How long somebody may take to sign in elsewhere. */
export const WAY_SECONDS = 600;
/** Begun and not come back from; beyond, none is begun, so that nobody can push out others who are on their way. */
const MOST_WAYS = 1000;
/** That an address begins in a minute: so it alone never has all of them. */
const MOST_OF_ADDRESS = 60;
const TIMEOUT_SECONDS = 10;

export interface OidcOptions {
  readonly settings: OidcSettings;
  readonly clientSecret: string;
  /** Where browsers reach loopd: `https://loop.example`. */
  readonly url: () => string;
  readonly tenants: readonly Tenant[];
  readonly clock: Clock;
  readonly random: Random;
}

/** What is remembered of somebody who went to the provider. */
interface Way {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly to: string;
  /** Unix ms. */
  readonly until: number;
}

export class Oidc {
  readonly name: string;
  readonly #options: OidcOptions;
  /** By digest of the cookie. */
  readonly #ways = new Map<string, Way>();
  readonly #begun: Slow;
  #provider: Promise<Configuration> | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
    this.name = options.settings.name;
    this.#begun = new Slow(options.clock, MOST_OF_ADDRESS);
  }

  /** `to`: path of the page to go on to. `address`: whoever asks. Rejects with AccessError `unreachable`, `slow-down`. */
  async begin(to: string, address: string): Promise<{ readonly location: string; readonly cookie: string }> {
    const seconds = this.#begun.note(address);
    if (seconds !== undefined) throw tooMany('from this address', `Wait ${seconds} seconds`);
    const client = await import('openid-client');
    const provider = await this.#discovered();
    const { clock, random, settings } = this.#options;
    const cookie = newSecret(random);
    const [state, nonce, verifier] = [newSecret(random), newSecret(random), newSecret(random)];
    this.#remember(cookie, { state, nonce, verifier, to: ownPath(to), until: clock.now() + WAY_SECONDS * 1000 });
    const location = client.buildAuthorizationUrl(provider, {
      redirect_uri: this.#callback().href,
      response_type: 'code',
      scope: ['openid', ...settings.scopes.filter((scope) => scope !== 'openid')].join(' '),
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { location: location.href, cookie };
  }

  /**
   * `target`: path and query that the browser came back with. Rejects with AccessError: `forbidden` for a way that this browser did not begin,
   * that took too long, that the provider refused, or that leads to no role; `unreachable`.
   */
  async finish(
    target: string,
    cookie: string | undefined,
  ): Promise<{ readonly principal: Principal; readonly to: string }> {
    const way = this.#take(cookie);
    if (way === undefined)
      throw new AccessError(
        'forbidden',
        'This browser did not begin to sign in here, or took too long.',
        `Try again: ${START_PATH}`,
      );
    const claims = await this.#exchange(new URL(target.slice(CALLBACK_PATH.length), this.#callback()), way);
    return { principal: this.#principal(claims), to: way.to };
  }

  async #exchange(current: URL, { state, nonce, verifier }: Way): Promise<Claims> {
    const client = await import('openid-client');
    const provider = await this.#discovered();
    try {
      const tokens = await client.authorizationCodeGrant(provider, current, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims: IDToken | undefined = tokens.claims();
      if (claims === undefined) throw refused(undefined);
      if (this.#options.settings.rolesClaim in claims || provider.serverMetadata().userinfo_endpoint === undefined)
        return claims;
      // Many providers put groups into the answer about the user only.
      const more = await client.fetchUserInfo(provider, tokens.access_token, claims.sub);
      return { ...more, ...claims };
    } catch (error) {
      throw error instanceof AccessError ? error : refused(error);
    }
  }

  #principal(claims: Claims): Principal {
    const { settings, tenants } = this.#options;
    const name = nameInClaims(claims, settings);
    const grants = grantsInClaims(claims, settings, tenants);
    if (grants.length === 0)
      throw new AccessError(
        'forbidden',
        `${name} is known at ${settings.name}, and has no role here.`,
        `None of your groups is under access.oidc.roles of loopd.yaml: ask whoever runs this Loop.`,
      );
    return { id: `oidc:${settings.issuer} ${claims.sub}`, name, by: 'session', grants };
  }

  /** Once; asked again after it failed. */
  #discovered(): Promise<Configuration> {
    this.#provider ??= this.#discover().catch((error: unknown) => {
      this.#provider = undefined;
      throw new AccessError(
        'unreachable',
        `The OpenID provider ${this.#options.settings.issuer} does not answer as one: ${textOf(error)}.`,
        'Check access.oidc.issuer of loopd.yaml, and that loopd reaches it. A token signs in all the same.',
        { cause: error },
      );
    });
    return this.#provider;
  }

  async #discover(): Promise<Configuration> {
    const client = await import('openid-client');
    const { settings, clientSecret } = this.#options;
    const issuer = new URL(settings.issuer);
    return client.discovery(issuer, settings.clientId, undefined, client.ClientSecretBasic(clientSecret), {
      timeout: TIMEOUT_SECONDS,
      // In clear only on the machine itself; the configuration refuses it elsewhere.
      ...(issuer.protocol === 'http:' && { execute: [client.allowInsecureRequests] }),
    });
  }

  #callback(): URL {
    return new URL(CALLBACK_PATH, this.#options.url());
  }

  #remember(cookie: string, way: Way): void {
    const now = this.#options.clock.now();
    for (const [key, { until }] of this.#ways) if (until <= now) this.#ways.delete(key);
    if (this.#ways.size >= MOST_WAYS) throw tooMany('here', `Wait ${WAY_SECONDS / 60} minutes`);
    this.#ways.set(digestOf(cookie), way);
  }

  /** A way leads back once. */
  #take(cookie: string | undefined): Way | undefined {
    if (cookie === undefined) return undefined;
    const key = digestOf(cookie);
    const way = this.#ways.get(key);
    this.#ways.delete(key);
    return way !== undefined && way.until > this.#options.clock.now() ? way : undefined;
  }
}

function tooMany(where: string, wait: string): AccessError {
  return new AccessError('slow-down', `Too many began to sign in ${where}.`, `${wait}. A token signs in all the same.`);
}

/** A page of our own: one slash, and nothing that browsers take for one. */
function ownPath(to: string): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(to) && !to.includes('\\') ? to : '/';
}

/** Nothing of what the provider or the browser sent is told: it may hold codes. */
function refused(cause: unknown): AccessError {
  return new AccessError('forbidden', 'Signing in at the provider did not work out.', `Try again: ${START_PATH}`, {
    cause,
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
