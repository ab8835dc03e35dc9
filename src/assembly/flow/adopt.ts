/** Which neighbours of a kept transaction belong to it, and where. */
import type { Command } from '../../domain/conversation.ts';
import type { StreamId } from '../../domain/ids.ts';
import type { RecordSource } from '../streams.ts';
import { readSources } from '../transaction.ts';
import { linkExchanges } from '../tree.ts';
import { placeCommands } from './commands.ts';
import type { Placement } from './decide.ts';
import { decide } from './decide.ts';
import type { Note } from './note.ts';
import type { Known } from './scene.ts';
import { TAKEN } from './weights.ts';

export interface Adoption {
  /** Indices of neighbours. */
  readonly adopted: readonly number[];
  /** Those of them that the transaction itself hangs in. */
  readonly above: readonly number[];
  readonly notes: readonly Note[];
}

/** Pure: the same records give the same adoption, whatever is stored already. What is not adopted is somebody else's. */
export function adopt(own: RecordSource, neighbours: readonly RecordSource[], known: Known): Adoption {
  const { exchanges, commands } = readSources([own, ...neighbours]);
  const homes = homesOf([own, ...neighbours]);
  // Between transactions only what flows counts.
  const links = linkExchanges(exchanges).filter(({ parent, child }) => homes.get(parent) === homes.get(child));
  const open = { exchanges, links, commands, known };
  const asked = placeCommands(open, commands);
  const scene = { ...open, commands: withOwners(commands, asked) };
  const taken = decide(scene).flatMap(([best]) => (best !== undefined && best.confidence >= TAKEN ? [best] : []));
  const homeOf = (id: StreamId): number => homes.get(id) ?? 0;
  const placements = taken.filter(
    ({ parent, child }) => homeOf(parent) !== homeOf(child) && (homeOf(parent) === 0 || homeOf(child) === 0),
  );
  const above = placements.filter(({ child }) => homeOf(child) === 0).map(({ parent }) => homeOf(parent) - 1);
  const below = placements.filter(({ parent }) => homeOf(parent) === 0).map(({ child }) => homeOf(child) - 1);
  const notes = [...placements.map(noteOf), ...asked];
  return { adopted: [...new Set([...above, ...below])], above: [...new Set(above)], notes };
}

/** For whom a command was helps to find out for whom the calls around it were. */
function withOwners(commands: readonly Command[], notes: readonly Note[]): readonly Command[] {
  const placed = new Map(notes.map(({ stream, at, parent }) => [`${stream} ${at ?? ''}`, parent]));
  return commands.map((command) => {
    const owner = command.owner ?? placed.get(`${command.conversation} ${command.startedAt}`);
    return owner === undefined ? command : { ...command, owner };
  });
}

function noteOf({ child, parent, confidence, evidence }: Placement): Note {
  return { stream: child, parent, certainty: confidence, evidence };
}

/** Which source an exchange came with; what several have is the first one's. */
function homesOf(sources: readonly RecordSource[]): ReadonlyMap<StreamId, number> {
  const homes = new Map<StreamId, number>();
  for (const [index, source] of sources.entries())
    for (const { id } of readSources([source]).exchanges) if (!homes.has(id)) homes.set(id, index);
  return homes;
}
