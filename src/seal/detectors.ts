/** Finds secrets by their looks, whatever their name. Each detector is linear in the text: it is hostile. */
export interface Detector {
  readonly name: string;
  /** Non-overlapping, in order. */
  find(text: string): Iterable<Span>;
}

/** Characters from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

// As a whole value at any length, inside other text from 8 characters on. A token of ours (tokens.ts) is not found again.
const BEARER =
  /^bearer[ \t]{1,4}(?!REDACTED\(|\w+=")(\S+)$|\b(?:bearer|basic)[ \t]{1,4}(?!REDACTED\()([A-Za-z0-9._~+/=-]{8,})/gi;

/** Further ones (cards by Luhn, e-mail, key formats of providers) are added here and nowhere else. */
export const DETECTORS: readonly Detector[] = [
  { name: 'private key', find: privateKeys },
  { name: 'jwt', find: jwts },
  { name: 'bearer', find: (text) => groups(text, BEARER) },
  { name: 'password in a url', find: (text) => groups(text, /:\/\/[^/\s:@]{0,256}:([^/\s@]{1,1024})@/g) },
];

/** Whatever `detectors` find, replaced. */
export function replaceFound(text: string, detectors: readonly Detector[], replace: (found: string) => string): string {
  return detectors.reduce((current, detector) => {
    let result = '';
    let done = 0;
    for (const { start, end } of detector.find(current)) {
      result += current.slice(done, start) + replace(current.slice(start, end));
      done = end;
    }
    return done === 0 ? current : result + current.slice(done);
  }, text);
}

/** Three to five base64url pieces, the first a JSON object; two are enough, because a recording may be cut in the middle. */
function* jwts(text: string): Generator<Span> {
  const whole = /eyJ[\w-]{5,}(?:\.[\w-]*){1,4}/y;
  const run = /[\w-]*/y;
  for (let at = text.indexOf('eyJ'); at !== -1; at = text.indexOf('eyJ', at)) {
    whole.lastIndex = at;
    // Where no dot follows this run, no later start inside the run can match either: skip it, or the search is quadratic.
    run.lastIndex = at;
    const found = whole.exec(text);
    run.exec(text);
    const end = found ? whole.lastIndex : Math.max(run.lastIndex, at + 3);
    if (found) yield { start: at, end };
    at = end;
  }
}

function* privateKeys(text: string): Generator<Span> {
  const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    const end = text.indexOf('-----END ', begin.lastIndex);
    begin.lastIndex = end === -1 ? text.length : end;
    yield { start: found.index, end: begin.lastIndex };
  }
}

function* groups(text: string, pattern: RegExp): Generator<Span> {
  for (const found of text.matchAll(pattern)) {
    const end = found.index + found[0].length - (found[0].endsWith('@') ? 1 : 0);
    yield { start: end - (found[1] ?? found[2] ?? '').length, end };
  }
}
