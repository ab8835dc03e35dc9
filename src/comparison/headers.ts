import type { Findings } from './findings.ts';

interface Header {
  readonly name: string;
  readonly value: string;
}

/** Told by name: they are of one call and its time, or follow from what is compared elsewhere. */
const NOISE =
  /^(?:date|age|expires|content-length|traceparent|tracestate|b3|x-b3-.*|x-request-id|x-client-trace-id|x-envoy-upstream-service-time|x-envoy-expected-rq-timeout-ms|server-timing|x-response-time|x-runtime|sec-websocket-key|sec-websocket-accept)$/;
/** Compared where they are told of the exchange. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([':method', ':path', ':status', ':scheme']);

/** `prefix`: `request.headers`. A name that comes several times is told by place: `set-cookie[1]`. */
export function compareHeaders(
  prefix: string,
  left: readonly Header[],
  right: readonly Header[],
  findings: Findings,
): void {
  const [one, other] = [byName(left), byName(right)];
  for (const name of new Set([...one.keys(), ...other.keys()])) {
    const [ours, theirs] = [one.get(name) ?? [], other.get(name) ?? []];
    for (let at = 0; at < Math.max(ours.length, theirs.length); at += 1) {
      const path = `${prefix}.${name.slice(0, 100)}${at === 0 ? '' : `[${at}]`}`;
      const [was, is] = [ours[at], theirs[at]];
      if (was !== is && NOISE.test(name)) findings.add(path, was, is, 'noise');
      else findings.compare(path, was, is);
    }
  }
}

function byName(headers: readonly Header[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name, value } of headers) {
    const lower = name.toLowerCase();
    if (TOLD_ELSEWHERE.has(lower)) continue;
    const values = found.get(lower) ?? [];
    values.push(value);
    found.set(lower, values);
  }
  return found;
}
