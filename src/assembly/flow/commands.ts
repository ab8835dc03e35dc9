/** Whom a command of a shared connection was for, where several requests were open: by the same scale as calls. */
import type { Command } from '../../domain/conversation.ts';
import type { Exchange } from '../../domain/exchange.ts';
import type { StreamId } from '../../domain/ids.ts';
import type { Block } from './blocks.ts';
import { blocksOf } from './blocks.ts';
import { evidenceOf } from './evidence.ts';
import { featuresOf, UNCOUNTED } from './features.ts';
import type { Rarity } from './flowing.ts';
import { besides, flowing, NOTHING, rarityAmong } from './flowing.ts';
import type { Note } from './note.ts';
import type { Scene } from './scene.ts';
import { answeredAt, couldHaveMade, Reading, sameInstance } from './scene.ts';
import { Sources } from './sources.ts';
import { Trees } from './trees.ts';
import type { Values } from './value.ts';
import type { Weighed } from './weighing.ts';
import { logOdds, NOBODY, PROOF, TAKEN } from './weights.ts';

/** As sqlcommenter writes it: such a command says itself whom it was for. */
const TRACEPARENT = /traceparent='00-([0-9a-f]{32})-/;
const CROWD = 8;
/** Log odds against a request that has not the value that always comes from requests. */
const FOREIGN = -4;
/** What a block's other commands say of it holds for all of it. */
const TOGETHER = { certainty: 0.99, evidence: ['the same transaction block'] } as const;

/** Notes about commands of which it is more likely than not for which request they were made, in the scene or out of it. */
export function placeCommands(scene: Scene, commands: readonly Command[]): readonly Note[] {
  const blocks = blocksOf(commands);
  if (blocks.length === 0) return [];
  const reading = new Reading();
  const callers = scene.exchanges.filter(({ vantage }) => vantage.direction === 'inbound');
  const trees = new Trees(scene, reading);
  const sources = new Sources(commands, callers, reading);
  const asking = rarityAmong(
    blocks.map((block) => together(block, (command) => reading.askedBy(command))),
    CROWD,
  );
  return blocks.flatMap((block) => {
    const there = callers.filter((caller) => sameInstance(caller, block[0]));
    const known = said(block, there);
    const place =
      known === undefined ? weighed(block, there, { trees, reading, asking, sources }) : { ...TOGETHER, parent: known };
    if (place === undefined) return [];
    const open = block.filter(isOpen);
    for (const command of open) trees.placeCommand(command, place.parent, place.certainty);
    return open.map(({ conversation, startedAt }) => ({ stream: conversation, at: startedAt, ...place }));
  });
}

interface Context {
  readonly trees: Trees;
  readonly reading: Reading;
  readonly asking: Rarity;
  readonly sources: Sources;
}

type Place = Pick<Note, 'parent' | 'certainty' | 'evidence'>;

/** Whom one of its commands is known to be for, and so all. */
function said(block: Block, there: readonly Exchange[]): StreamId | undefined {
  for (const command of block) {
    if (command.owner !== undefined) return command.owner;
    const trace = traceOf(command);
    const named = trace === undefined ? undefined : there.find((caller) => caller.trace?.traceId === trace);
    if (named !== undefined) return named.id;
  }
  return undefined;
}

function isOpen(command: Command): boolean {
  return command.owner === undefined && traceOf(command) === undefined;
}

function weighed(block: Block, there: readonly Exchange[], context: Context): Place | undefined {
  // What names a trace that nobody here has is somebody else's.
  if (block.some((command) => traceOf(command) !== undefined)) return undefined;
  const candidates = there.filter((caller) => block.every(({ startedAt }) => couldHaveMade(caller, startedAt)));
  const all = weigh(block, there, candidates, context);
  const odds = all.map(({ caller, features }) => Math.exp(logOdds(features) + foreign(block, caller, context.sources)));
  const sum = odds.reduce((total, one) => total + one, Math.exp(NOBODY.always));
  const most = odds.indexOf(Math.max(...odds));
  const best = all[most];
  const certainty = Math.round(((odds[most] ?? 0) / sum) * 100) / 100;
  if (best === undefined || certainty < TAKEN || Math.max(best.given.weight, best.returned.weight) < PROOF)
    return undefined;
  return { parent: best.caller.id, certainty, evidence: evidenceOf(best, false) };
}

function foreign(block: Block, caller: Exchange, sources: Sources): number {
  return block.some((command) => sources.agrees(command, caller) === false) ? FOREIGN : 0;
}

/** The block is weighed as one call: asked with all that its commands asked with, and answered all that they were answered. */
function weigh(
  block: Block,
  there: readonly Exchange[],
  candidates: readonly Exchange[],
  { trees, reading, asking }: Context,
): readonly Weighed[] {
  const open = { ...block[0], kind: 'command' };
  const knowing = rarityAmong(
    there.map((caller) => trees.knew(caller, open)),
    CROWD,
  );
  const told = rarityAmong(
    there.map((caller) => reading.answered(caller)),
    CROWD,
  );
  const endedAt = Math.max(...block.map((command) => command.endedAt));
  const call = { ...block[0], endedAt, failed: block.some(({ error }) => error !== undefined) };
  const asked = together(block, (command) => reading.askedBy(command));
  const answered = together(block, (command) => reading.answeredTo(command));
  const only = candidates.length === 1;
  return candidates.map((caller) => {
    const knew = trees.knew(caller, open);
    const given = flowing(knew, asked, (value) => knowing(value) * asking(value));
    const late = answeredAt(caller) < endedAt - 1;
    const returned = late ? NOTHING : flowing(besides(knew, answered), reading.answered(caller), told);
    const [others, moments] = [trees.of(caller.id), trees.moments(caller, call)];
    const features = featuresOf({ caller, call, given, returned, moments, others, only, ...UNCOUNTED });
    return { caller, given, returned, features };
  });
}

/** The first name of a value stands. */
function together([first, ...more]: Block, valuesOf: (command: Command) => Values): Values {
  if (more.length === 0) return valuesOf(first);
  const values = new Map(valuesOf(first));
  for (const command of more)
    for (const [value, name] of valuesOf(command)) if (!values.has(value)) values.set(value, name);
  return values;
}

function traceOf({ request }: Command): string | undefined {
  return request
    .map((bytes) => TRACEPARENT.exec(Buffer.from(bytes).toString('latin1'))?.[1])
    .find((trace) => trace !== undefined);
}
