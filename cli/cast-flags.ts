/** Which services run, and which peers are let through: `--service` and `--real`. */
import { InvalidArgumentError } from 'commander';
import type { LetThrough } from '../replay-sandbox/cast/let-through.ts';
import { parseLetThrough } from '../replay-sandbox/cast/let-through.ts';
import { ReplayError } from '../replay-sandbox/error.ts';
import { shellWords } from './words.ts';

export interface ServiceWish {
  readonly service: string;
  /** Undefined: what stands after --, else loop.yaml's. */
  readonly command?: readonly string[];
}

export function collectService(text: string, former: readonly ServiceWish[] = []): readonly ServiceWish[] {
  const [, service = '', command] = /^([^=]+)(?:=([\s\S]*))?$/.exec(text) ?? [];
  const words = shellWords(command ?? '');
  if (service === '' || words === undefined)
    throw new InvalidArgumentError('a service, or one with its command: orders="node orders.js"');
  if (former.some((one) => one.service === service)) throw new InvalidArgumentError(`${service} is named twice`);
  return [...former, { service, ...(words.length > 0 && { command: words }) }];
}

export function collectReal(text: string, former: readonly LetThrough[] = []): readonly LetThrough[] {
  const one = parseLetThrough(text);
  if (one === undefined) throw new InvalidArgumentError('for example postgres.shop=127.0.0.1:5432');
  return [...former, one];
}

/** By service: its own command, else, for the first without one, what stands after --. Throws ReplayError `no-service` when that is nobody's. */
export function commandsOf(
  wishes: readonly ServiceWish[],
  rest: readonly string[],
): (service: string) => readonly string[] {
  const first = wishes.find(({ command }) => command === undefined);
  if (rest.length > 0 && wishes.length > 0 && first === undefined)
    throw new ReplayError(
      'no-service',
      `The command after -- belongs to no service: all that are named have one.`,
      'Leave it away, or name one service without a command: --service orders',
    );
  return (service) => {
    const wish = wishes.find((one) => one.service === service);
    return wish?.command ?? (wish === first ? rest : []);
  };
}
