/** Why a call was placed where it was, in words. No value is named, only what it is called. */
import type { Weighed } from './weighing.ts';

const NAME_CHARACTERS = 40;

export function evidenceOf({ features, given, returned }: Weighed, losesContext: boolean): readonly string[] {
  const said = [
    ...given.names.map((name) => name.slice(0, NAME_CHARACTERS)),
    ...returned.names.map((name) => `${name.slice(0, NAME_CHARACTERS)} in the answer`),
    ...(features.quoted > 0 ? ['its error is quoted'] : features.failed > 0 ? ['both failed'] : []),
    ...(features.behind > 0.6 && features.nested === 1 ? ['answered right behind it'] : []),
    ...(features.only === 1 ? ['the only request open there'] : []),
    ...(losesContext ? ['the service passes no context on'] : []),
  ];
  return [...new Set(said)].slice(0, 5);
}
