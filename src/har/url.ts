/** The URL of a recorded request. A recording may hold anything there; a reader of archives gets a URL. */
import type { QueryString } from 'har-format';
import { header } from '../domain/exchange.ts';
import type { ExchangeView } from '../seal/view-schema.ts';

/** Everything RFC 3986 allows stays as it was recorded; dots in a path are not resolved, for the service has seen them. */
const FOREIGN = /[^\w\-.~:/?#[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})/gu;

export function urlOf({ request, peer, path }: Pick<ExchangeView, 'request' | 'peer' | 'path'>): string {
  const headers = request?.headers ?? [];
  const target = header(headers, ':path') ?? path;
  if (/^https?:\/\//i.test(target) && URL.canParse(escaped(target))) return escaped(target);
  const scheme = header(headers, ':scheme') === 'https' ? 'https' : 'http';
  const origin = `${scheme}://${hostOf(header(headers, ':authority') ?? header(headers, 'host'), peer)}`;
  return origin + escaped(target.startsWith('/') ? target : `/${target}`);
}

/** As the caller named it, else as Envoy did; a name that cannot stand in a URL is not known. */
function hostOf(authority: string | undefined, { name, port }: ExchangeView['peer']): string {
  const named = port === undefined ? name : `${name}:${port}`;
  return (
    [authority, named].find((host) => host && URL.canParse(`http://${host}/`) && !/[/?#\\@\s]/.test(host)) ??
    'unknown.invalid'
  );
}

function escaped(text: string): string {
  return text.replace(FOREIGN, (character) => percentEncoded(character));
}

/** Recorded text is bytes, a character each (Latin-1). */
function percentEncoded(character: string): string {
  const code = character.charCodeAt(0);
  return character.length === 1 && code <= 0xff
    ? `%${code.toString(16).toUpperCase().padStart(2, '0')}`
    : encodeURIComponent(character.toWellFormed());
}

export function queryOf(url: string): QueryString[] {
  const query = /\?([^#]*)/.exec(url)?.[1] ?? '';
  return [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }));
}
