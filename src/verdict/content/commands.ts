/** Conditions on commands of databases. They are known where records are assembled: never on the ingest thread. */
import type { Command } from '../../domain/conversation.ts';
import type { FailedCommand } from '../../domain/verdict.ts';
import { compileNameGlob } from '../rules/glob.ts';
import type { CommandCondition } from '../rules/rule.ts';

/** So much of a command's line is compared. Characters. */
const COMPARED = 2000;
/** The part of it that tells one kind of command from another. */
const SHAPE_CHARACTERS = 300;

/** The first of these commands that the condition is about. */
export function failedCommand(
  { error, summary, protocol }: CommandCondition,
  commands: readonly Command[],
): FailedCommand | undefined {
  const found = commands.find(
    (command) =>
      command.error !== undefined &&
      (protocol === undefined || protocol.includes(command.protocol)) &&
      isOneOf(error, command.error.code) &&
      (summary === undefined || isOneOf(summary, command.summary.slice(0, COMPARED))),
  );
  return found?.error && { ...namesOf(found), code: found.error.code, shape: shapeOf(found) };
}

function namesOf({ id, protocol }: Command): Pick<FailedCommand, 'id' | 'protocol'> {
  return { id, protocol };
}

function isOneOf(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => compileNameGlob(glob)(text));
}

/** A statement without literals and comments; of Redis the name alone, since a key is half a value. */
function shapeOf({ protocol, summary }: Command): string {
  if (protocol !== 'postgres') return summary.split(' ', 1)[0] ?? '';
  return summary
    .replace(/'(?:[^']|'')*'?/g, '?')
    .replace(/(?<![\w$])\d[\w.]*/g, '0')
    .slice(0, SHAPE_CHARACTERS);
}
