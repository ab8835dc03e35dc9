/** `access:` of loopd.yaml. */
import { z } from 'zod';
import { ROLES } from '../domain/access.ts';
import { WRITTEN_GRANT, type WrittenGrant } from './grants.ts';

const NAME = z.string().min(1).max(200);
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** `viewer`, `{ role: viewer, tenants: [payments] }`, or a list of these. */
const ROLE = z.union([z.enum(ROLES), WRITTEN_GRANT]);
const ROLES_OF_GROUP = z
  .union([ROLE, z.array(ROLE).min(1)])
  .transform((written): readonly WrittenGrant[] =>
    [written].flat().map((one) => (typeof one === 'string' ? { role: one } : one)),
  );

const OIDC = z.strictObject({
  /** On the button of the page. */
  name: NAME.default('your organisation'),
  issuer: z.url({ protocol: /^https?$/ }).refine((url) => {
    const { protocol, hostname } = new URL(url);
    return protocol === 'https:' || LOOPBACK.test(hostname);
  }, 'is to be https: only on this machine http is let through'),
  clientId: NAME,
  clientSecretFile: NAME,
  scopes: z.array(NAME).default(['email', 'profile']),
  /** Claim with the groups: a text, or a list of texts. */
  rolesClaim: NAME.default('groups'),
  /** By group. */
  roles: z.record(NAME, ROLES_OF_GROUP),
  /** Claim with the name that stands in the audit; by default the address that the provider has verified, else the subject. */
  nameClaim: NAME.optional(),
});

export type OidcSettings = Readonly<z.infer<typeof OIDC>>;

const TENANT = z.strictObject({ name: NAME, services: z.array(NAME).min(1).max(1000) });

export const ACCESS = z
  .strictObject({
    tenants: z.array(TENANT).max(1000).default([]),
    /** A session of a browser ends after so long without a request, and after so long in any case. */
    idleMinutes: z.number().min(1).max(10_080).default(480),
    sessionHours: z.number().min(0.1).max(168).default(24),
    oidc: OIDC.optional(),
  })
  .superRefine(({ tenants, oidc }, context) => {
    const names = tenants.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) context.addIssue(`there are two tenants "${twice}"`);
    const used = Object.values(oidc?.roles ?? {}).flatMap((grants) => grants.flatMap(({ tenants: some = [] }) => some));
    const unknown = used.find((name) => !names.includes(name));
    if (unknown !== undefined) context.addIssue(`oidc.roles names the tenant "${unknown}", which is not under tenants`);
  });

export type AccessSettings = Readonly<z.infer<typeof ACCESS>>;
