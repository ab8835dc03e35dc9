/** rules.yaml as zod has it: a list of rules, shorthands made plain. Messages of its own carry their hint in `params`. */
import { z } from 'zod';
import type { HeaderCondition, Match, Rule } from '../rules/rule.ts';
import { BODY } from './body-schema.ts';
import type { Wrong } from './values.ts';
import { COMMAND } from './command-schema.ts';
import { parseDuration, parseFlag, parseGrpc, parseName, parseRoute, parseStatus, shown } from './values.ts';
import { some, written } from './written.ts';

const MOST_RULES = 500;

const VALUE_KEYS = ['is', 'has', 'glob', 'absent'] as const;
const TEXT = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const HEADER = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(200)
      .transform((name) => name.toLowerCase()),
    is: TEXT.optional(),
    has: TEXT.optional(),
    glob: TEXT.optional(),
    absent: z.boolean().optional(),
  })
  .check((context) => {
    const given = VALUE_KEYS.filter((key) => context.value[key] !== undefined);
    if (given.length === 1) return;
    context.issues.push({
      code: 'custom',
      message:
        given.length === 0
          ? 'Nothing is asked of the header.'
          : `Too much is asked of one header: ${given.join(', ')}.`,
      params: { hint: 'Write exactly one of is, has, glob and absent; for more write a list of headers.' },
      input: context.value,
    });
  });

const MATCH = z.strictObject({
  service: some(written(parseName)),
  direction: z.enum(['inbound', 'outbound']).optional(),
  peer: some(written(parseName)),
  route: some(written(parseRoute)),
  status: some(written(parseStatus)),
  grpc: some(written(parseGrpc)),
  flags: some(written(parseFlag)),
  requestHeader: some(HEADER),
  responseHeader: some(HEADER),
  requestBody: some(BODY),
  body: some(BODY),
  command: COMMAND.optional(),
  slower: written(parseDuration).optional(),
  failed: z.boolean().optional(),
});

const NAME = written((value): string | Wrong =>
  typeof value === 'string' && /^[\w][\w .:/-]{0,79}$/.test(value)
    ? value
    : {
        wrong: `${shown(value)} is no name for a rule.`,
        hint: 'Write a short name, e.g. graphql-errors: it is what people see as the reason.',
      },
);

const RULE = z.strictObject({
  name: NAME,
  match: MATCH,
  // eslint-disable-next-line unicorn/no-thenable -- a word of the file; the object awaits nothing
  then: z.enum(['failure', 'fine', 'failure-unless-swallowed']),
});

/** A file with nothing in it has no rules. */
export const RULES = z.preprocess((value) => value ?? [], z.array(RULE).max(MOST_RULES));

export const KEYS_OF = {
  rule: ['name', 'match', 'then'],
  match: Object.keys(MATCH.shape),
  header: ['name', ...VALUE_KEYS],
  body: Object.keys(BODY.shape),
  command: Object.keys(COMMAND.shape),
} as const;

/** Without the keys that are there and say nothing. */
export function plainRule({ name, match, then: consequence }: z.output<typeof RULE>): Rule {
  return { name, consequence, match: withoutUndefined(match) as Match };
}

function withoutUndefined(value: object): object {
  const given = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(
    given.map(([key, one]) => [key, Array.isArray(one) ? one.map(plainItem) : (one as unknown)]),
  );
}

function plainItem(item: HeaderCondition | object | string | number): unknown {
  return typeof item === 'object' ? withoutUndefined(item) : item;
}
