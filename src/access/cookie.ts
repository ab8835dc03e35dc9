/** The cookie of a session: HttpOnly, SameSite=Strict, and named after the port, because browsers send cookies to every port of a host. */
import { hostOf, type Asking } from './asking.ts';

export interface CookieKind {
  /** Over https: the name has the prefix that keeps other hosts and paths from setting it (RFC 6265bis, 4.1.3.2). */
  readonly secure: boolean;
}

/** Its name has "session" in it, whose values redaction hides wherever they are recorded. */
export function sessionCookieName(asking: Asking, { secure }: CookieKind): string {
  const port = hostOf(asking)?.port ?? '';
  return `${secure ? '__Host-' : ''}loop-session${port === '' ? '' : `-${port}`}`;
}

/** `maxAgeSeconds` 0 takes it away. */
export function sessionCookie(asking: Asking, kind: CookieKind, value: string, maxAgeSeconds: number): string {
  const secure = kind.secure ? '; Secure' : '';
  return `${sessionCookieName(asking, kind)}=${value}; Path=/; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}; HttpOnly; SameSite=Strict${secure}`;
}

/** Of a way to another place and back: Lax, because the way back begins at another site. */
export function wayCookie(path: string, kind: CookieKind, value: string, maxAgeSeconds: number): string {
  return `${WAY_COOKIE}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${kind.secure ? '; Secure' : ''}`;
}

export const WAY_COOKIE = 'loop-signin-session';
