/** `--map name=recorded`. */
import { InvalidArgumentError } from 'commander';
import { placeOf } from '../replay-sandbox/mocks/mapped.ts';

type Names = Readonly<Record<string, string>>;

export function collectMap(text: string, former: Names = {}): Names {
  const [, here, recorded] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (here === undefined || recorded === undefined || placeOf(here) === undefined || placeOf(recorded) === undefined)
    throw new InvalidArgumentError('for example pg.local=postgres.shop or localhost:5433=postgres.shop:5432');
  return { ...former, [here]: recorded };
}
