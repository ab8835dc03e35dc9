/** Whom a command of a shared connection was for, where several requests were open: by the same scale as calls. */
import type { Command } from '../../domain/conversation.ts';
import type { Exchange } from '../../domain/exchange.ts';
import { evidenceOf } from './evidence.ts';
import { featuresOf, UNCOUNTED } from './features.ts';
import type { Rarity } from './flowing.ts';
import { besides, flowing, NOTHING, rarityAmong } from './flowing.ts';
import type { Note } from './note.ts';
import type { Scene } from './scene.ts';
import { answeredAt, couldHaveMade, Reading, sameInstance } from './scene.ts';
import { Trees } from './trees.ts';
import type { Weighed } from './weighing.ts';
import { logOdds, NOBODY, PROOF, TAKEN } from './weights.ts';

/** As sqlcommenter writes it: such a command says itself whom it was for. */
const TRACEPARENT = /traceparent='00-[0-9a-f]{32}-/;
const CROWD = 8;

/** Notes about commands of which it is more likely than not for which request they were made, in the scene or out of it. */
export function placeCommands(scene: Scene, commands: readonly Command[]): readonly Note[] {
  const open = commands.filter((command) => command.owner === undefined && !saysItself(command));
  if (open.length === 0) return [];
  const reading = new Reading();
  const trees = new Trees(scene, reading);
  const callers = scene.exchanges.filter(({ vantage }) => vantage.direction === 'inbound');
  const asking = rarityAmong(
    open.map((command) => reading.askedBy(command)),
    CROWD,
  );
  return open
    .toSorted((one, other) => one.startedAt - other.startedAt)
    .flatMap((command) => {
      const there = callers.filter((caller) => sameInstance(caller, command));
      const note = place(command, there, { trees, reading, asking });
      if (note !== undefined) trees.placeCommand(command, note.parent, note.certainty);
      return note ?? [];
    });
}

interface Context {
  readonly trees: Trees;
  readonly reading: Reading;
  readonly asking: Rarity;
}

function place(command: Command, there: readonly Exchange[], context: Context): Note | undefined {
  const weighed = weighCommand(command, there, context);
  const odds = weighed.map(({ features }) => Math.exp(logOdds(features)));
  const all = odds.reduce((sum, one) => sum + one, Math.exp(NOBODY.always));
  const most = odds.indexOf(Math.max(...odds));
  const best = weighed[most];
  const certainty = Math.round(((odds[most] ?? 0) / all) * 100) / 100;
  if (best === undefined || certainty < TAKEN || Math.max(best.given.weight, best.returned.weight) < PROOF)
    return undefined;
  const { conversation, startedAt } = command;
  return { stream: conversation, parent: best.caller.id, certainty, evidence: evidenceOf(best, false), at: startedAt };
}

function weighCommand(
  command: Command,
  there: readonly Exchange[],
  { trees, reading, asking }: Context,
): readonly Weighed[] {
  const candidates = there.filter((caller) => couldHaveMade(caller, command.startedAt));
  const open = { ...command, kind: 'command' };
  const knowing = rarityAmong(
    there.map((caller) => trees.knew(caller, open)),
    CROWD,
  );
  const told = rarityAmong(
    there.map((caller) => reading.answered(caller)),
    CROWD,
  );
  const call = { ...command, failed: command.error !== undefined };
  const only = candidates.length === 1;
  return candidates.map((caller) => {
    const knew = trees.knew(caller, open);
    const given = flowing(knew, reading.askedBy(command), (value) => knowing(value) * asking(value));
    const late = answeredAt(caller) < command.endedAt - 1;
    const fresh = besides(knew, reading.answeredTo(command));
    const returned = late ? NOTHING : flowing(fresh, reading.answered(caller), told);
    const [others, moments] = [trees.of(caller.id), trees.moments(caller, command)];
    const features = featuresOf({ caller, call, given, returned, moments, others, only, ...UNCOUNTED });
    return { caller, given, returned, features };
  });
}

function saysItself({ request }: Command): boolean {
  return request.some((bytes) => TRACEPARENT.test(Buffer.from(bytes).toString('latin1')));
}
