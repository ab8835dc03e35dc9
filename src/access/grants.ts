/** Grants as they are written down, with tenants by name, and as they hold. */
import { z } from 'zod';
import { PERMISSIONS_OF, ROLES, type Grant, type Permission, type Principal, type Tenant } from '../domain/access.ts';

const NAMES = z.array(z.string().min(1).max(200)).min(1).max(100);

export const WRITTEN_GRANT = z.strictObject({
  role: z.enum(ROLES),
  /** Names of tenants; absent: everywhere. */
  tenants: NAMES.exactOptional(),
});

export type WrittenGrant = Readonly<z.infer<typeof WRITTEN_GRANT>>;

/** A tenant that is not configured any more has no services: what held there holds nowhere, and never everywhere. */
export function grantsOf(written: readonly WrittenGrant[], tenants: readonly Tenant[]): readonly Grant[] {
  return written.map(({ role, tenants: names }) =>
    names === undefined
      ? { role }
      : { role, tenants: names.map((name) => tenants.find((one) => one.name === name) ?? { name, services: [] }) },
  );
}

/** Whether whoever holds `held` may hand `asked` on: each permission of it, at each place. */
export function atMost(asked: readonly WrittenGrant[], { grants: held }: Principal): boolean {
  return asked.every(({ role, tenants }) =>
    PERMISSIONS_OF[role].every((permission) =>
      tenants === undefined
        ? holds(held, permission, undefined)
        : tenants.every((tenant) => holds(held, permission, tenant)),
    ),
  );
}

/** Everywhere, or in the tenant of that name. */
function holds(held: readonly Grant[], permission: Permission, tenant: string | undefined): boolean {
  return held.some(
    ({ role, tenants }) =>
      PERMISSIONS_OF[role].includes(permission) &&
      (tenants === undefined || (tenant !== undefined && tenants.some(({ name }) => name === tenant))),
  );
}

/** Every tenant that is named in them; undefined: one of them holds everywhere. */
export function tenantNames(
  grants: readonly { readonly tenants?: readonly Tenant[] }[],
): readonly string[] | undefined {
  if (grants.some(({ tenants }) => tenants === undefined)) return undefined;
  return [...new Set(grants.flatMap(({ tenants = [] }) => tenants.map(({ name }) => name)))].toSorted();
}
