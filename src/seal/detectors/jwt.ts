import { glanced, type Span } from './detector.ts';

/** Three to five base64url pieces, the first a JSON object; two are enough, because a recording may be cut in the middle. */
export const jwt = glanced('jwt', (text) => text.includes('eyJ'), find);

function* find(text: string): Generator<Span> {
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
