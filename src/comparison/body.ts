/** Two bodies, by what they are: JSON by path, forms by field, messages of a stream and other text by line; of what a view does not show, the size. */
import { parseJson } from '../domain/exact-json.ts';
import { mayBeJson } from '../domain/media-type.ts';
import type { BodyView } from '../seal/view-schema.ts';
import type { Findings } from './findings.ts';
import { compareJson } from './json.ts';
import { compareLines } from './lines.ts';

type Text = Extract<BodyView, { kind: 'text' }>;

/** `path`: `request.body`. */
export function compareBodies(path: string, left: BodyView, right: BodyView, findings: Findings): void {
  if (left.kind === 'text' && right.kind === 'text') return compareTexts(path, left, right, findings);
  if (left.kind === 'empty' || right.kind === 'empty') return findings.compare(path, shown(left), shown(right));
  findings.effort.note('bodies are not shown by their view: only their sizes were compared');
  if (left.bytes !== right.bytes) findings.add(`${path}.bytes`, `${left.bytes}`, `${right.bytes}`, 'value');
}

function compareTexts(path: string, left: Text, right: Text, findings: Findings): void {
  if (left.truncated || right.truncated)
    findings.effort.note('bodies are cut in their view: what follows was not compared');
  if (left.text === right.text) return;
  if (isForm(left) && isForm(right)) return compareForms(path, left.text, right.text, findings);
  if (isStream(left) && isStream(right)) return compareLines(path, left.text, right.text, 'message', findings);
  const [was, is] = [jsonOf(left), jsonOf(right)];
  if (was !== undefined && is !== undefined) {
    if (findings.effort.spend(left.text.length + right.text.length)) compareJson(`${path}.$`, was, is, findings);
    return;
  }
  // A page of text where there was JSON has nothing to be aligned with.
  if (was !== undefined || is !== undefined) return findings.compare(path, left.text, right.text);
  compareLines(path, left.text, right.text, 'line', findings);
}

function compareForms(path: string, left: string, right: string, findings: Findings): void {
  comparePairs(path, new URLSearchParams(left), new URLSearchParams(right), findings);
}

/** Fields of a form, or of a query: `<path>.page`, and `<path>.tag[1]` where there are several. */
export function comparePairs(path: string, left: URLSearchParams, right: URLSearchParams, findings: Findings): void {
  if (!findings.effort.spend(left.toString().length + right.toString().length)) return;
  const [one, other] = [byName(left), byName(right)];
  for (const name of new Set([...one.keys(), ...other.keys()])) {
    const [ours, theirs] = [one.get(name) ?? [], other.get(name) ?? []];
    for (let at = 0; at < Math.max(ours.length, theirs.length); at += 1)
      findings.compare(`${path}.${name.slice(0, 100)}${at === 0 ? '' : `[${at}]`}`, ours[at], theirs[at]);
  }
}

function byName(pairs: URLSearchParams): ReadonlyMap<string, readonly string[]> {
  const grouped = Map.groupBy(pairs, ([name]) => name);
  return new Map([...grouped].map(([name, values]) => [name, values.map(([, value]) => value)]));
}

function shown(body: BodyView): string | undefined {
  if (body.kind === 'empty') return undefined;
  return body.kind === 'text' ? body.text : `(${body.bytes} bytes, ${body.why})`;
}

function isForm({ contentType }: Text): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(contentType ?? '');
}

/** One line a message (src/seal/{grpc-body,stream-lines}.ts), or lines of JSON as they were sent. */
function isStream({ contentType = '', times }: Text): boolean {
  return times !== undefined || /^application\/(?:grpc\b|x-ndjson\b|ndjson\b|jsonl\b|json-?lines\b)/i.test(contentType);
}

function jsonOf({ contentType, text }: Text): unknown {
  return mayBeJson(contentType) && /^\s*[{[]/.test(text) ? parseJson(text) : undefined;
}
