/** Who asks, and what they may do. Every question to Loop is asked by a principal, also on the machine itself. */

export const ROLES = ['viewer', 'debugger', 'support', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * `read`: lists, redacted views, comparisons, counts. `health`: how sink and store are doing. `timeline`: whom a capture is of and what one user did. `capture`: begin and end one.
 * `export`: sealed files. `open`: originals, so replay and raw bodies. `write`: take recordings in. `delete`, `erase`, `audit`, `manage`
 * (tokens of others).
 */
export const PERMISSIONS = [
  'read',
  'health',
  'timeline',
  'capture',
  'export',
  'open',
  'write',
  'delete',
  'erase',
  'audit',
  'manage',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What each role may. */
export const PERMISSIONS_OF: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['read', 'health'],
  debugger: ['read', 'health', 'timeline', 'export', 'open', 'write'],
  support: ['read', 'health', 'timeline', 'capture'],
  admin: PERMISSIONS,
};

/** A part of the installation: services by name, `*` for any characters. */
export interface Tenant {
  readonly name: string;
  readonly services: readonly string[];
}

/** A role, and where it holds. */
export interface Grant {
  readonly role: Role;
  /** Undefined: everywhere. */
  readonly tenants?: readonly Tenant[];
}

export interface Principal {
  /** Who exactly, since names may be alike: `generated`, `token:<id>`, `oidc:<issuer> <subject>`. Undefined at the local machine. */
  readonly id?: string;
  /** As it stands in the audit: `token`, `ci (token)`, `anna@example.com`, `anna (helpdesk)`, the name at the local machine. */
  readonly name: string;
  /** How it proved who it is. */
  readonly by: 'local' | 'token' | 'session' | 'support-reference';
  /** A role in one tenant gives nothing in another. */
  readonly grants: readonly Grant[];
}

/** Anywhere at all: whether a question may be asked. What it is answered with is another matter (`maySee`). */
export function may({ grants }: Principal, permission: Permission): boolean {
  return grants.some(
    ({ role, tenants }) =>
      PERMISSIONS_OF[role].includes(permission) && (tenants === undefined || !EVERYWHERE.includes(permission)),
  );
}

/** What concerns the whole installation, so that a role within tenants does not give it. */
const EVERYWHERE: readonly Permission[] = ['health', 'erase', 'audit', 'manage'];

/** Whether `permission` is held at this service. */
export function maySee({ grants }: Principal, permission: Permission, service: string): boolean {
  return grants.some(
    ({ role, tenants }) =>
      PERMISSIONS_OF[role].includes(permission) &&
      (tenants === undefined || (!EVERYWHERE.includes(permission) && tenants.some((tenant) => has(tenant, service)))),
  );
}

/** Held everywhere, so that nothing need be left out. */
export function seesAll({ grants }: Principal, permission: Permission): boolean {
  return grants.some(({ role, tenants }) => tenants === undefined && PERMISSIONS_OF[role].includes(permission));
}

function has({ services }: Tenant, service: string): boolean {
  return services.some((glob) => globMatches(glob, service));
}

function globMatches(glob: string, text: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  if (rest.length === 0) return glob === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  const last = rest.pop() ?? '';
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** Signs what the support button is handed, and names the captures it begins. */
export interface ButtonKey {
  readonly kind: 'button-key';
  readonly bytes: Uint8Array;
}

/** A token that somebody made, as it is told: never what it reads. Times are Unix ms. */
export interface ShownToken {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly tenants?: readonly string[];
  readonly madeBy: string;
  readonly madeAt: number;
  readonly until: number;
  readonly lastUsedAt?: number;
}
