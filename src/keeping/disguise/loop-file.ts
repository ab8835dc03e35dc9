/** A recording that may lie in a repository: every value that a person wrote is a token, and what a replay needs is as it was. */
import type { LoopFile } from '../../domain/loop-file.ts';
import type { Disguise } from './disguise.ts';
import { createDisguise, disguiseOf } from './disguise.ts';
import { disguisePart } from './part.ts';
import { newDataKey, redactionKey } from '../../seal/keys.ts';
import { decodePart, encodePart } from '../../wire/segments/part.ts';

/** Of an open file, companions too. What was disguised when it was recorded, stays as it is. */
export function disguised(file: LoopFile, disguise: Disguise = createDisguise(redactionKey(newDataKey()))): LoopFile {
  const parts = file.parts.map(decodePart).filter((part) => part !== undefined);
  const done = disguiseOf(parts) !== undefined;
  const hidden = parts.map((part, index) => disguisePart(part, parts.slice(0, index), disguise));
  return {
    ...file,
    parts: done ? file.parts : hidden.map(encodePart),
    companions: file.companions.map((companion) => disguised(companion, disguise)),
  };
}
