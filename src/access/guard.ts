/**
 * What is refused whoever asks. Host names that were not configured come first, which ends DNS rebinding; then what a page of another origin
 * had a browser send. Cookies are told apart by host alone, not by port, so on the word of a cookie nothing is done but for pages of our own
 * origin, which `Sec-Fetch-Site` and `Origin` tell (Fetch Metadata, W3C; every browser since 2023 sends it).
 */
import { AccessError } from './error.ts';
import { headerOf, hostOf, type Asking } from './asking.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
const JSON_TYPE = /^application\/(json|vnd\.loop)\s*(;|$)/i;

export interface GuardOptions {
  /** Names it answers to, besides loopback. */
  readonly hosts: readonly string[];
  /** `https://loop.example`, where it is known under one address. */
  readonly url?: URL | undefined;
}

/** Throws AccessError `forbidden`. */
export function guardHost(asking: Asking, { hosts, url }: GuardOptions): void {
  const host = hostOf(asking);
  const known = [...LOOPBACK, ...hosts.map((name) => name.toLowerCase()), ...(url ? [bare(url.hostname)] : [])];
  if (host !== undefined && known.includes(host.name)) return;
  throw new AccessError(
    'forbidden',
    'This server does not answer to that host name.',
    'Set api.hosts in the configuration of loopd.',
  );
}

/** A page of another origin, with whatever it brings. Throws AccessError `forbidden`. */
export function guardOrigin(asking: Asking, options: GuardOptions): void {
  if (asking.headers['origin'] === undefined || isOwnOrigin(asking, options)) return;
  throw new AccessError('forbidden', 'Pages of other sites may not use this API.');
}

/** A write without a token comes from a browser: only our own pages may, in a form that no HTML form can send. Throws AccessError `forbidden`. */
export function guardWrite(asking: Asking, options: GuardOptions): void {
  if (!isOwnOrigin(asking, options) || headerOf(asking, 'sec-fetch-site') === 'cross-site')
    throw new AccessError(
      'forbidden',
      'Without a token in "authorization", only pages of this Loop may change something.',
      'Send the header authorization: Bearer <token>.',
    );
  const length = headerOf(asking, 'content-length');
  const empty = (length === undefined || length === '0') && asking.headers['transfer-encoding'] === undefined;
  if (!empty && !JSON_TYPE.test(headerOf(asking, 'content-type') ?? ''))
    throw new AccessError('forbidden', 'What a page sends is application/json.');
}

/** Before a cookie is believed. Throws AccessError `forbidden`. */
export function guardCookie(asking: Asking): void {
  const site = headerOf(asking, 'sec-fetch-site');
  // Somebody typed the address, or opened a bookmark.
  const typed =
    site === 'none' &&
    headerOf(asking, 'sec-fetch-mode') === 'navigate' &&
    headerOf(asking, 'sec-fetch-dest') === 'document';
  if (site === 'same-origin' || (typed && isRead(asking))) return;
  // In clear, browsers send Sec-Fetch-Site to loopback only (Fetch Metadata, 2: potentially trustworthy URLs).
  if (site === undefined)
    throw new AccessError(
      'forbidden',
      'This browser does not say which page asks, so it cannot be signed in here.',
      'Open Loop over https, or as http://127.0.0.1 or http://localhost on its own machine or through a tunnel; or send a token.',
    );
  throw new AccessError(
    'forbidden',
    'The cookie counts for pages of this Loop only.',
    'From elsewhere, send a token in "authorization".',
  );
}

export function isRead({ method }: Asking): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isOwnOrigin(asking: Asking, { url }: GuardOptions): boolean {
  const origin = headerOf(asking, 'origin');
  const host = headerOf(asking, 'host')?.toLowerCase();
  if (origin === undefined || host === undefined) return false;
  if (url !== undefined && origin === url.origin) return true;
  // Under the name of the configured address only its own scheme counts: a page that came in clear may be anybody's.
  if (url !== undefined && hostOf(asking)?.name === bare(url.hostname)) return false;
  return origin === `http://${host}` || origin === `https://${host}`;
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
