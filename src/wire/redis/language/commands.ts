/** What the arguments of a command are: its name, its keys, its secrets. */
import { nameOf, wordOf, type Frontend } from '../frontend.ts';
import { isContainer, ruleOf, type Effect } from './table.ts';

type Args = Pick<Frontend, 'args'>;

/** With its second word where that belongs to it: `GET`, `CLIENT SETNAME`. In capitals. */
export function fullName(command: Args): string {
  const name = nameOf(command);
  return isContainer(name) && command.args.length > 1 ? `${name} ${wordOf(command.args[1])}` : name;
}

export function effectOf(command: Args): Effect {
  const name = nameOf(command);
  if (name === 'SORT' && !command.args.some((arg) => wordOf(arg) === 'STORE')) return 'read';
  if (name.endsWith('_RO')) return 'read';
  return ruleOf(name).effect;
}

/** Positions of its keys among the arguments, in order. */
export function keysOf(command: Args): readonly number[] {
  const { args } = command;
  const { keys } = ruleOf(nameOf(command));
  switch (keys.kind) {
    case 'none':
      return [];
    case 'range':
      return positions(keys.first, keys.last < 0 ? args.length + keys.last : keys.last, args.length, keys.step);
    case 'numbered': {
      const before = keys.before === undefined ? [] : [keys.before];
      return [...before, ...positions(keys.at + 1, keys.at + numberOf(args[keys.at]), args.length)];
    }
    case 'streams': {
      const at = args.findIndex((arg) => wordOf(arg) === 'STREAMS');
      return at === -1 ? [] : positions(at + 1, at + Math.floor((args.length - at - 1) / 2), args.length);
    }
  }
}

/** Most seconds that a blocking command waits, 0 for ever; undefined when it does not block. */
export function blocksFor(command: Args): number | undefined {
  const { args } = command;
  const name = nameOf(command);
  if (name === 'BLMPOP' || name === 'BZMPOP') return numberOf(args[1]);
  if (/^(BLPOP|BRPOP|BZPOPM(AX|IN)|BLMOVE|BRPOPLPUSH)$/.test(name)) return numberOf(args.at(-1));
  if (name === 'WAIT' || name === 'WAITAOF') return numberOf(args.at(-1)) / 1000;
  if (name !== 'XREAD' && name !== 'XREADGROUP') return undefined;
  const at = args.findIndex((arg) => wordOf(arg) === 'BLOCK');
  return at === -1 ? undefined : numberOf(args[at + 1]) / 1000;
}

/** Settings whose values are passwords, by name. */
const SECRET_SETTING = /pass|auth|secret/i;

export function isSecretSetting(name: Uint8Array | string | undefined): boolean {
  return SECRET_SETTING.test(typeof name === 'string' ? name : Buffer.from(name ?? []).toString('latin1'));
}

/** Positions of arguments that are passwords, or hold one. */
export function secretsOf(command: Args): readonly number[] {
  const { args } = command;
  const rest = (from: number): readonly number[] => positions(from, args.length - 1, args.length);
  switch (fullName(command)) {
    case 'AUTH':
      return rest(1);
    case 'HELLO':
      return behindWord(args, 'AUTH', 2);
    case 'MIGRATE':
      return [...behindWord(args, 'AUTH', 1), ...behindWord(args, 'AUTH2', 2)];
    case 'CONFIG SET':
      return rest(2).filter((at) => at % 2 === 1 && isSecretSetting(args[at - 1]));
    case 'SENTINEL CONFIG':
      return wordOf(args[2]) === 'SET' ? rest(4).filter((at) => at % 2 === 0 && isSecretSetting(args[at - 1])) : [];
    case 'SENTINEL SET':
      return rest(4).filter((at) => isSecretSetting(args[at - 1]));
    case 'ACL SETUSER':
      return rest(3).filter((at) => '><#!'.includes(String.fromCharCode(args[at]?.[0] ?? 0x20)));
    default:
      return [];
  }
}

function behindWord(args: readonly Uint8Array[], word: string, count: number): readonly number[] {
  const at = args.findIndex((arg, index) => index > 0 && wordOf(arg) === word);
  return at === -1 ? [] : positions(at + 1, at + count, args.length);
}

function positions(first: number, last: number, length: number, step = 1): readonly number[] {
  const found: number[] = [];
  for (let at = first; at <= Math.min(last, length - 1); at += step) found.push(at);
  return found;
}

function numberOf(arg: Uint8Array | undefined): number {
  const number = Number(Buffer.from(arg ?? []).toString('latin1'));
  return Number.isFinite(number) && number > 0 ? number : 0;
}
