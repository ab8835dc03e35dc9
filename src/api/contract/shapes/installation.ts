/** What is answered about the installation, and about who asks. */
import { z } from 'zod';
import { PERMISSIONS, ROLES } from '../../../domain/access.ts';

const count = z.number().int().min(0);
const time = z.number().meta({ description: 'Unix ms' });

const principal = z.object({
  name: z.string(),
  roles: z.array(z.enum(ROLES)),
  permissions: z.array(z.enum(PERMISSIONS)),
  tenants: z.array(z.string()).exactOptional(),
});

export const SESSION = z.object({
  principal: principal.exactOptional(),
  csrf: z.string().exactOptional(),
  until: time.exactOptional(),
  signIn: z.object({ token: z.boolean(), oidc: z.object({ name: z.string(), url: z.string() }).exactOptional() }),
  version: z.string(),
});

export const TOKEN = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.enum(ROLES)),
  tenants: z.array(z.string()).exactOptional(),
  madeBy: z.string(),
  madeAt: time,
  until: time,
  lastUsedAt: time.exactOptional(),
});

const sidecar = z.object({ service: z.string(), instance: z.string(), lastSeenAt: time });

const series = z.object({
  name: z.enum([
    'historySeconds',
    'exchangesPerSecond',
    'keptPerMinute',
    'tossedPerMinute',
    'lostBytesPerSecond',
    'storeBytes',
    'eventLoopDelayMs',
    'residentBytes',
  ]),
  unit: z.enum(['seconds', 'bytes', 'milliseconds', 'count']),
  points: z.array(z.number().nullable()),
});

export const VITALS = z.object({
  at: time,
  everyMs: z.number(),
  trouble: z.string().exactOptional(),
  warning: z.string().exactOptional(),
  sink: z.object({ addresses: z.array(z.string()), sidecars: z.array(sidecar), historySeconds: z.number() }),
  fates: z.record(z.string(), z.object({ segments: count, bytes: count })),
  store: z.object({ loops: count, bytes: count, freeBytes: count, retentionDays: z.number() }),
  series: z.array(series),
});

const entry = z.object({
  sequence: count,
  at: time,
  actor: z.string(),
  act: z.string(),
  about: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  hash: z.string(),
});

export const AUDIT = z.object({
  entries: z.array(entry),
  next: z.string().exactOptional(),
  chain: z.object({ whole: z.boolean(), entries: count, broken: count.exactOptional() }),
});

export const ERASURE = z.object({
  loops: count,
  captures: count,
  exemplars: count,
  bytes: count,
  notes: z.array(z.string()),
});
