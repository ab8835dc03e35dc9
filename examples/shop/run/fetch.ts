import { ShopError } from './error.ts';

/** The text of a 2xx answer within two seconds. Throws ShopError. */
export async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  const text = await response.text();
  if (!response.ok) throw new ShopError(`${url} answers ${String(response.status)}: ${text.slice(0, 200)}`);
  return text;
}
