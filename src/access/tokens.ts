/** Tokens that somebody made: with grants of their own, at most the maker's, and an end. */
import type { Clock } from '../domain/clock.ts';
import { may, type Principal, type Role, type ShownToken, type Tenant } from '../domain/access.ts';
import { AccessError } from './error.ts';
import { atMost, grantsOf, tenantNames, type WrittenGrant } from './grants.ts';
import { digestOf, idInToken, newId, newSecret, sameSecret, tokenText, type Random } from './secrets.ts';
import type { StoredToken, TokenFile } from './token-file.ts';

const MOST_TOKENS = 1000;
const LAST_USE_MS = 3_600_000;
/** A digest of nothing: what is compared with when there is no such token, so that time does not tell. */
const NOBODYS = digestOf('');

export interface TokensOptions {
  readonly file: TokenFile;
  readonly clock: Clock;
  readonly random: Random;
  readonly tenants: readonly Tenant[];
}

export interface AskedToken {
  readonly name: string;
  readonly roles: readonly Role[];
  /** Names; absent: where whoever makes it holds roles. */
  readonly tenants?: readonly string[] | undefined;
  readonly forMs: number;
}

/** What of a token's life is told to an audit. */
export type TokenAct = (act: 'token-create' | 'token-revoke', about: Readonly<Record<string, string>>) => Promise<void>;

export class Tokens {
  readonly #options: TokensOptions;
  readonly #tokens: Map<string, StoredToken>;
  /** Refused already, although the file may have them still. */
  readonly #leaving = new Set<string>();
  #revoked: (principal: string) => void = () => undefined;

  private constructor(options: TokensOptions, tokens: readonly StoredToken[]) {
    this.#options = options;
    this.#tokens = new Map(tokens.map((token) => [token.id, token]));
  }

  /** Rejects with AccessError `damaged`. */
  static async open(options: TokensOptions): Promise<Tokens> {
    return new Tokens(options, await options.file.load());
  }

  /** Told the id of a principal that is nobody any more. */
  onRevoked(told: (principal: string) => void): void {
    this.#revoked = told;
  }

  /** Whose token that is, and until when (Unix ms); undefined for one that is wrong, revoked or over. */
  find(text: string): { readonly principal: Principal; readonly until: number } | undefined {
    const found = this.#tokens.get(idInToken(text) ?? '');
    const right = sameSecret(digestOf(text), found?.digest ?? NOBODYS);
    const now = this.#options.clock.now();
    if (found === undefined || !right || found.until <= now || this.#leaving.has(found.id)) return undefined;
    if (now - (found.lastUsedAt ?? 0) >= LAST_USE_MS) this.#used({ ...found, lastUsedAt: now });
    const grants = grantsOf(found.grants, this.#options.tenants);
    return {
      principal: { id: ownerId(found.id), name: `${found.name} (token)`, by: 'token', grants },
      until: found.until,
    };
  }

  /** Whether a principal that a token made is somebody still. */
  alive(principalId: string): boolean {
    const found = this.#tokens.get(principalId.slice(OWNER.length));
    if (found !== undefined && this.#leaving.has(found.id)) return false;
    return found !== undefined && found.until > this.#options.clock.now();
  }

  /** Those that `by` made; everybody's for whoever manages them. Newest first. */
  list(by: Principal): readonly ShownToken[] {
    return [...this.#tokens.values()]
      .filter((token) => isTheirs(token, by))
      .toSorted((one, other) => other.madeAt - one.madeAt)
      .map(shown);
  }

  /** The secret is told this once. Rejects with AccessError `forbidden`, `refused`. */
  async create(
    by: Principal,
    asked: AskedToken,
    audit: TokenAct,
  ): Promise<{ readonly token: ShownToken; readonly secret: string }> {
    const { clock, random } = this.#options;
    this.#dropEnded();
    const grants = this.#allowed(by, asked);
    if (this.#tokens.size >= MOST_TOKENS)
      throw new AccessError(
        'refused',
        `There are ${MOST_TOKENS} tokens already.`,
        'loopctl token list; loopctl token revoke <id>',
      );
    const id = newId(random);
    const secret = tokenText(id, newSecret(random));
    const now = clock.now();
    const token: StoredToken = {
      id,
      name: asked.name,
      grants: [...grants],
      digest: digestOf(secret),
      madeBy: by.name,
      owner: ownerOf(by),
      madeAt: now,
      until: now + asked.forMs,
    };
    await audit('token-create', { token: id, name: asked.name, roles: asked.roles.join(' ') });
    this.#tokens.set(id, token);
    await this.#save().catch((error: unknown) => {
      // Nobody was told its secret.
      this.#tokens.delete(id);
      throw error;
    });
    return { token: shown(token), secret };
  }

  /**
   * From then on it is refused. Rejects with AccessError `not-found`, also for one of somebody else, and when the file cannot be written: then it
   * is listed still, to be revoked again, for it would be right after the next start.
   */
  async revoke(by: Principal, id: string, audit: TokenAct): Promise<void> {
    const found = this.#tokens.get(id);
    if (found === undefined || !isTheirs(found, by))
      throw new AccessError('not-found', `There is no token "${id}".`, 'loopctl token list shows yours.');
    await audit('token-revoke', { token: id, name: found.name });
    this.#leaving.add(id);
    this.#revoked(ownerId(id));
    await this.#save();
    this.#tokens.delete(id);
    this.#leaving.delete(id);
  }

  #allowed(by: Principal, { roles, tenants }: AskedToken): readonly WrittenGrant[] {
    if (by.by === 'support-reference' || by.id?.startsWith(OWNER) === true)
      throw new AccessError(
        'forbidden',
        'A token that somebody made makes no others.',
        'Sign in, or use the token in the data directory of loopd.',
      );
    const unknown = tenants?.find((name) => !this.#options.tenants.some((tenant) => tenant.name === name));
    if (unknown !== undefined)
      throw new AccessError(
        'invalid',
        `There is no tenant "${unknown}".`,
        'They are under access.tenants of loopd.yaml.',
      );
    const names = tenants ?? tenantNames(by.grants);
    const grants = roles.map((role) => (names === undefined ? { role } : { role, tenants: [...names] }));
    if (names?.length !== 0 && atMost(grants, by)) return grants;
    throw new AccessError(
      'forbidden',
      `${by.name} may not hand on ${roles.join(', ')}${names === undefined ? '' : ` in ${names.join(', ') || 'no tenant'}`}: a token has at most what its maker has, at the same places.`,
      'Ask for fewer roles, or name tenants.',
    );
  }

  #dropEnded(): void {
    const now = this.#options.clock.now();
    for (const [id, { until }] of this.#tokens) if (until <= now) this.#tokens.delete(id);
  }

  #used(token: StoredToken): void {
    this.#tokens.set(token.id, token);
    // Only a remark: that it could not be written changes nothing for whoever asks.
    this.#save().catch(() => undefined);
  }

  #save(): Promise<void> {
    return this.#options.file.save([...this.#tokens.values()].filter(({ id }) => !this.#leaving.has(id)));
  }
}

const OWNER = 'token:';

function ownerId(id: string): string {
  return `${OWNER}${id}`;
}

function ownerOf({ id, name }: Principal): string {
  return id ?? `local ${name}`;
}

function isTheirs(token: StoredToken, by: Principal): boolean {
  return may(by, 'manage') || (token.owner === ownerOf(by) && by.by !== 'support-reference');
}

function shown({ id, name, grants, madeBy, madeAt, until, lastUsedAt }: StoredToken): ShownToken {
  const tenants = grants.every((grant) => grant.tenants !== undefined)
    ? [...new Set(grants.flatMap((grant) => grant.tenants ?? []))]
    : undefined;
  return {
    id,
    name,
    roles: [...new Set(grants.map(({ role }) => role))],
    ...(tenants && { tenants }),
    madeBy,
    madeAt,
    until,
    ...(lastUsedAt !== undefined && { lastUsedAt }),
  };
}
