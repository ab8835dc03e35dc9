/** `users:` of loopd.yaml: where a user's id stands in a request, and where a session does. */
import { z } from 'zod';
import type { Place, UserPlaces } from '../domain/capture.ts';
import { parsePlace, PLACE_KINDS } from '../wire/users/place.ts';

/** What works without being told. Places that anybody may fill in as they like (queries, bodies) are not among them. */
const IDS = [
  'jwt:sub',
  'jwt:user_id',
  'header:x-user-id',
  'header:x-userid',
  'header:user-id',
  'header:x-auth-request-user',
  'header:x-authenticated-userid',
  'header:x-forwarded-user',
  'cookie:user_id',
];
const SESSIONS = [
  'cookie:session',
  'cookie:session_id',
  'cookie:sessionid',
  'cookie:sid',
  'cookie:connect.sid',
  'cookie:JSESSIONID',
  'cookie:SESSION',
  'cookie:PHPSESSID',
  'cookie:ASP.NET_SessionId',
  'cookie:laravel_session',
  'cookie:__Host-session',
  'cookie:__Secure-session',
  'header:x-session-id',
];
const NOBODY = ['-', 'null', 'undefined', 'anonymous', 'anonymousUser', 'guest', 'system:*', 'spiffe:*'];

const MOST_PLACES = 50;

function place(kinds: readonly string[]) {
  return z.string().transform((text, context): Place => {
    const parsed = parsePlace(text);
    if (parsed !== undefined && kinds.includes(parsed.kind)) return parsed;
    const example = kinds.includes('jwt') ? 'jwt:sub' : 'cookie:sid';
    context.addIssue(
      `"${text}" names no place: write one of ${kinds.join(', ')}, a colon and a name, such as ${example}`,
    );
    return z.NEVER;
  });
}

export const USERS = z.strictObject({
  /** The first one that shows an id in a request tells whose it is. */
  ids: z.array(place(PLACE_KINDS)).min(1).max(MOST_PLACES).prefault(IDS),
  /** What one user's requests have in common, and nobody else's, until another user is seen with it. */
  sessions: z
    .array(place(['cookie', 'header']))
    .max(MOST_PLACES)
    .prefault(SESSIONS),
  /** Ids that are nobody's; `*` at the end stands for anything. */
  nobody: z.array(z.string().min(1).max(200)).max(200).default(NOBODY),
});

export const DEFAULT_PLACES: UserPlaces = USERS.parse({});

/** How much one capture, one user and one person may take. */
export const CAPTURE_LIMITS = z.strictObject({
  /** Longest capture. */
  maxHours: z.number().positive().max(168).default(24),
  bytes: z
    .number()
    .int()
    .min(1)
    .default(64 * 1024 * 1024),
  /** Of one captured user in one day (UTC), all captures together. */
  bytesPerUserAndDay: z
    .number()
    .int()
    .min(1)
    .default(256 * 1024 * 1024),
  transactions: z.number().int().min(1).max(20_000).default(2000),
  /** Captures that run at once: of one person who starts them, and in all. */
  perPerson: z.number().int().min(1).default(5),
  inAll: z.number().int().min(1).max(100).default(20),
});

export type CaptureLimits = z.infer<typeof CAPTURE_LIMITS>;
