/** Variables of the sidecar's environment that its configuration tells with each call: `x-loop-env-<n>: NAME=value` (`loopctl envoy config --carry-env`). */
import type { Header } from '../../domain/exchange.ts';

const HEADER = /^x-loop-env-\d+$/;
const PAIR = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/;
/** What Envoy says of a variable that is not set. */
const UNSET = '-';

/** By name; undefined when none is told. Values are UTF-8, which a header holds byte by byte. */
export function carriedEnvironment(metadata: readonly Header[]): Readonly<Record<string, string>> | undefined {
  const pairs = metadata.flatMap(({ name, value }) => {
    const [, key, text] = (HEADER.test(name) && PAIR.exec(value)) || [];
    // Where Envoy fills nothing in, its own words stand there still.
    if (key === undefined || text === undefined || text === UNSET || text === `%ENVIRONMENT(${key})%`) return [];
    return [[key, Buffer.from(text, 'latin1').toString('utf8')] as const];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}
