/** A condition on commands of databases, as it is written. */
import { z } from 'zod';
import { nearest } from './nearest.ts';
import type { Wrong } from './values.ts';
import { shown } from './values.ts';
import { some, written } from './written.ts';

/** Those whose commands are read (src/wire/protocols.ts). */
export const PROTOCOLS = ['postgres', 'redis'] as const;
const LONGEST = 500;

const PLAIN = z.strictObject({
  error: some(written(parseCode)),
  summary: some(written(parseSummary)),
  protocol: some(written(parseProtocol)),
});

export const COMMAND = Object.assign(
  PLAIN.check((context) => {
    if (context.value.error !== undefined) return;
    context.issues.push({
      code: 'custom',
      message: 'command needs error: commands that went well are not looked at.',
      params: { hint: 'Write the code, or a pattern of codes: command: { error: "23*" }; error: "*" is any.' },
      input: context.value,
    });
  }),
  { shape: PLAIN.shape },
);

/** Codes of digits alone are numbers to YAML. */
function parseCode(value: unknown): string | Wrong {
  const text = typeof value === 'number' && Number.isInteger(value) ? String(value) : value;
  if (typeof text === 'string' && /^[\w*?]{1,50}$/.test(text)) return text;
  const hint =
    'Write an SQLSTATE or the word that begins an error of Redis, or a pattern of them: "23505", "23*", WRONGTYPE.';
  return { wrong: `${shown(value)} is no code of an error.`, hint };
}

function parseSummary(value: unknown): string | Wrong {
  if (typeof value === 'string' && value !== '' && value.length <= LONGEST) return value;
  const hint = 'Write a pattern on the command as show has it: "INSERT INTO orders*", "HINCRBY cart:*".';
  return { wrong: `${shown(value)} is no pattern of commands.`, hint };
}

function parseProtocol(value: unknown): string | Wrong {
  const found = PROTOCOLS.find((name) => name === value);
  if (found !== undefined) return found;
  const hint = `Write ${nearest(String(value), PROTOCOLS) ?? PROTOCOLS.join(' or ')}.`;
  return { wrong: `${shown(value)} is no protocol whose commands are read.`, hint };
}
