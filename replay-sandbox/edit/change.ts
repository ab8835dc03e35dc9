/** One change of a recorded answer, as a person writes it: `3:body.price=0`, `pricing GET /prices/7 body.price=0`, `postgres SELECT=2s`. */
import { ReplayError } from '../error.ts';
import { parseJson } from '../../src/domain/exact-json.ts';

/** `answer`: a number of `--list`, or words that all stand in its line. */
export type Change =
  | { readonly kind: 'set'; readonly answer: string; readonly what: string; readonly value: unknown }
  | { readonly kind: 'delay'; readonly answer: string; readonly ms: number };

const SET =
  /^(?<answer>.+?)(?:\s+|\s*:\s*)(?<what>status|value|headers?\.[\w-]+|body(?:[.[][^=\s]*)?|rows?(?:\[\d+\])?\.\w+)\s*=(?<value>.*)$/s;
const DELAY = /^(?<answer>.+?)\s*=\s*(?<number>\d+(?:\.\d+)?)(?<unit>ms|s)$/s;
const LONGEST_MS = 24 * 3_600_000;

/** Throws ReplayError `bad-config`. */
export function readSet(text: string): Change {
  const { answer, what, value } = SET.exec(text)?.groups ?? {};
  if (answer === undefined || what === undefined || value === undefined)
    throw unclear('--set', text, "--set '3:body.price=0' or --set 'pricing GET /prices/7 status=503'");
  const read = valueOf(value);
  if (what === 'status' && !isStatus(read))
    throw new ReplayError('bad-config', `--set ${text}: a status is a number from 200 to 599.`, '--set 3:status=503');
  return { kind: 'set', answer, what, value: read };
}

export function readDelay(text: string): Change {
  const { answer, number, unit } = DELAY.exec(text)?.groups ?? {};
  const ms = Number(number) * (unit === 's' ? 1000 : 1);
  if (answer === undefined || !(ms >= 0 && ms <= LONGEST_MS))
    throw unclear('--delay', text, "--delay '3=2s' or --delay 'postgres SELECT=500ms'");
  return { kind: 'delay', answer, ms };
}

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599;
}

function unclear(option: string, text: string, example: string): ReplayError {
  return new ReplayError('bad-config', `${option} ${text} does not say which answer, and what of it.`, example);
}

/** JSON where it is some, else text. */
function valueOf(text: string): unknown {
  const value = parseJson(text);
  return value === undefined ? text : value;
}
