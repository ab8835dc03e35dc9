/** Cookies of headers (RFC 6265), values redacted as the headers are. */
import type { Cookie } from 'har-format';
import type { Header } from '../domain/exchange.ts';

export function requestCookies(headers: readonly Header[]): Cookie[] {
  return headers
    .filter(({ name }) => name === 'cookie')
    .flatMap(({ value }) => value.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map(cookieOf);
}

export function responseCookies(headers: readonly Header[]): Cookie[] {
  return headers.filter(({ name }) => name === 'set-cookie').map(({ value }) => setCookie(value));
}

function setCookie(text: string): Cookie {
  const [pair = '', ...attributes] = text.split(';');
  const given = new Map(
    attributes.map((attribute) => {
      const { name, value } = cookieOf(attribute.trim());
      return [name.toLowerCase(), value] as const;
    }),
  );
  const expires = timeOf(given.get('expires'));
  const [path, domain] = [given.get('path'), given.get('domain')];
  return {
    ...cookieOf(pair.trim()),
    ...(path !== undefined && { path }),
    ...(domain !== undefined && { domain }),
    ...(expires !== undefined && { expires }),
    httpOnly: given.has('httponly'),
    secure: given.has('secure'),
  };
}

/** `name=value`; without an equals sign there is only a name. */
function cookieOf(pair: string): Cookie {
  const equals = pair.indexOf('=');
  return equals === -1
    ? { name: pair, value: '' }
    : { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() };
}

function timeOf(text: string | undefined): string | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
