/** zod's issues in words, each with what to write instead. */
import type { z } from 'zod';
import { nearest } from './nearest.ts';
import { KEYS_OF } from './schema.ts';
import { shown } from './values.ts';

export interface Told {
  /** The key the mistake is about, when it is not the value at the issue's path. */
  readonly key?: string;
  readonly message: string;
  readonly hint: string;
}

const EXAMPLE = '- { name: slow-checkout, match: { service: checkout, slower: 2s }, then: failure }';

/** `present`: something stands at its path. */
export function tellIssue(issue: z.core.$ZodIssue, present: boolean): readonly Told[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path));
  const name = path.at(-1) ?? '';
  if (!present && name in HINTS) return [{ message: `${name} is missing.`, hint: HINTS[name] ?? EXAMPLE }];
  if (issue.code === 'custom') {
    const hint: unknown = issue.params?.['hint'];
    return [{ message: issue.message, hint: typeof hint === 'string' ? hint : EXAMPLE }];
  }
  return [tellValue(issue, path)];
}

function unknownKey(key: string, path: readonly string[]): Told {
  const keys = keysAt(path);
  const meant = nearest(key, keys);
  const elsewhere = keysAt(['0']).length === keys.length ? KEYS_OF.match.find((one) => one === key) : undefined;
  if (elsewhere !== undefined)
    return { key, message: `${key} is a condition.`, hint: `Write it below match: match: { ${key}: … }.` };
  return {
    key,
    message: `There is no key ${shown(key)} here.`,
    hint: meant === undefined ? `Known are ${keys.join(', ')}.` : `Did you mean ${meant}?`,
  };
}

function keysAt(path: readonly string[]): readonly string[] {
  const [, , key] = path;
  if (path.length <= 1) return KEYS_OF.rule;
  if (key === 'command') return KEYS_OF.command;
  if (key === 'body' || key === 'requestBody') return KEYS_OF.body;
  return key === 'requestHeader' || key === 'responseHeader' ? KEYS_OF.header : KEYS_OF.match;
}

function tellValue(issue: z.core.$ZodIssue, path: readonly string[]): Told {
  const name = path.findLast((part) => !/^\d+$/.test(part));
  if (path.length === 0) return { message: 'This is no list of rules.', hint: `Write a list: ${EXAMPLE}.` };
  if (path.length === 1) return { message: 'This is no rule.', hint: `Write ${EXAMPLE}.` };
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    return { message: `${name ?? ''} is none of ${values.join(', ')}.`, hint: `Write one of ${values.join(', ')}.` };
  }
  return { message: `${name ?? ''} is not right: ${issue.message}.`, hint: HINTS[name ?? ''] ?? `Write ${EXAMPLE}.` };
}

const HINTS: Readonly<Record<string, string>> = {
  // eslint-disable-next-line unicorn/no-thenable -- a word of the file
  then: 'Write then: failure, fine or failure-unless-swallowed.',
  match: 'Write the conditions below match: match: { service: checkout, status: 404 }.',
  name: 'Write its name: name: …',
  failed: 'Write true or false.',
  exists: 'Write true or false.',
  absent: 'Write true or false.',
  minLength: 'Write a number: 1.',
  path: 'Write a JSON path: path: $.errors.',
  in: 'Write a list: in: [DECLINED, EXPIRED].',
  body: 'Write body: { path: $.errors, exists: true }.',
  requestBody: 'Write requestBody: { path: $.dryRun, is: false }.',
  command: 'Write command: { error: "23*", summary: "INSERT INTO orders*" }.',
  requestHeader: 'Write requestHeader: { name: x-tenant, is: acme }.',
  responseHeader: 'Write responseHeader: { name: x-result, is: ERROR }.',
};
