/** Who came in, who left, and who was refused, for the audit. */
import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Known } from '../../access/access.ts';
import type { Asking } from '../../access/asking.ts';
import { AccessError } from '../../access/error.ts';
import type { Principal } from '../../domain/access.ts';
import type { AuditTrail } from '../../domain/audit.ts';
import { ApiError } from '../error.ts';
import { attempt } from '../failures.ts';
import { ofAccess } from '../tokens.ts';

/** Whoever has no name that is known. */
const NOBODY = 'nobody';

export class Attempts {
  readonly #audit: AuditTrail | undefined;

  constructor(audit: AuditTrail | undefined) {
    this.#audit = audit;
  }

  /** What `find` finds by a token that was sent. Rejects with what it throws, in the words of the API; a wrong token is told, never which. */
  async withToken<Found>({ address }: Asking, find: () => Found): Promise<Found> {
    try {
      return find();
    } catch (error) {
      if (error instanceof AccessError && (error.code === 'unauthorised' || error.code === 'slow-down')) {
        const family = isIPv6(address) && !address.startsWith('::ffff:') ? 'IPv6' : 'IPv4';
        await this.#try({ actor: NOBODY, act: 'wrong-token', about: { family } });
      }
      throw ofAccess(error);
    }
  }

  /** Rejects with ApiError when it cannot be written down. */
  async signedIn({ name: actor }: Principal, by: 'token' | 'openid'): Promise<void> {
    await attempt(async () => this.#audit?.record({ actor, act: 'sign-in', about: { by } }));
  }

  /** Leaving is done whether or not it can be written down. */
  async signedOut(known: Pick<Known, 'principal'> | undefined): Promise<void> {
    if (known !== undefined) await this.#try({ actor: known.principal.name, act: 'sign-out', about: {} });
  }

  /** Somebody who is known asked for what they may not. The path stands there as it is served, without ids. */
  async refused(
    { method, routeOptions }: FastifyRequest,
    principal: Principal | undefined,
    error: unknown,
  ): Promise<void> {
    if (principal === undefined || !(error instanceof ApiError) || error.code !== 'forbidden') return;
    const about = { method, path: routeOptions.url ?? 'unknown' };
    await this.#try({ actor: principal.name, act: 'refused', about });
  }

  /** What is refused stays so when the audit cannot say it. */
  async #try(act: Parameters<AuditTrail['record']>[0]): Promise<void> {
    await this.#audit?.record(act).catch(() => undefined);
  }
}
