/** What a provider says of somebody, as roles and a name. */
import type { Grant, Tenant } from '../domain/access.ts';
import type { OidcSettings } from './config.ts';
import { grantsOf } from './grants.ts';

export interface Claims {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

export function grantsInClaims(
  claims: Claims,
  { rolesClaim, roles }: Pick<OidcSettings, 'rolesClaim' | 'roles'>,
  tenants: readonly Tenant[],
): readonly Grant[] {
  const said = [claims[rolesClaim]].flat().filter((group) => typeof group === 'string');
  return grantsOf(
    [...new Set(said)].flatMap((group) => (Object.hasOwn(roles, group) ? (roles[group] ?? []) : [])),
    tenants,
  );
}

/** An address counts only when the provider vouches for it: the name stands in the audit. */
export function nameInClaims(claims: Claims, { nameClaim }: Pick<OidcSettings, 'nameClaim'>): string {
  const told = nameClaim === undefined ? verifiedAddress(claims) : claims[nameClaim];
  return typeof told === 'string' && /^[^\p{C}]{1,200}$/u.test(told) ? told : claims.sub.slice(0, 200);
}

function verifiedAddress({ email, email_verified: verified }: Claims): unknown {
  return verified === true ? email : undefined;
}
