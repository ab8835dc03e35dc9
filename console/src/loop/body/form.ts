/** `application/x-www-form-urlencoded`, and the query of a path: pairs in order. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

const MOST = 2000;

export function readForm(text: string): readonly Field[] {
  return text
    .split('&', MOST)
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? { name: decoded(pair), value: '' }
        : { name: decoded(pair.slice(0, equals)), value: decoded(pair.slice(equals + 1)) };
    });
}

/** As it is written where it is not well written. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
