/** Whom a command of a shared connection was for, where several requests were open: by the same scale as calls. */
import type { Command } from '../../domain/conversation.ts';
import type { Exchange } from '../../domain/exchange.ts';
import { evidenceOf } from './evidence.ts';
import { featuresOf } from './features.ts';
import { Census, flowing, NOTHING } from './flowing.ts';
import type { Note } from './note.ts';
import type { Scene } from './scene.ts';
import { answeredAt, couldHaveMade, Reading, sameInstance } from './scene.ts';
import { Trees } from './trees.ts';
import { logOdds, NOBODY, PROOF, TAKEN } from './weights.ts';

/** As sqlcommenter writes it: such a command says itself whom it was for. */
const TRACEPARENT = /traceparent='00-[0-9a-f]{32}-/;

/** Notes about commands of which it is more likely than not for which request they were made, in the scene or out of it. */
export function placeCommands(scene: Scene, commands: readonly Command[]): readonly Note[] {
  const open = commands.filter((command) => command.owner === undefined && !saysItself(command));
  if (open.length === 0) return [];
  const reading = new Reading();
  const trees = new Trees(scene, reading);
  const callers = scene.exchanges.filter(({ vantage }) => vantage.direction === 'inbound');
  const asked = new Census(open.map((command) => reading.askedBy(command)));
  const answered = new Census(open.map((command) => reading.answeredTo(command)));
  return open
    .toSorted((one, other) => one.startedAt - other.startedAt)
    .flatMap((command) => {
      const there = callers.filter((caller) => sameInstance(caller, command));
      const note = place(command, there, { trees, reading, asked, answered });
      if (note !== undefined) trees.placeCommand(command, note.parent);
      return note ?? [];
    });
}

interface Context {
  readonly trees: Trees;
  readonly reading: Reading;
  readonly asked: Census;
  readonly answered: Census;
}

function place(command: Command, there: readonly Exchange[], context: Context): Note | undefined {
  const { trees, reading, asked, answered } = context;
  const candidates = there.filter((caller) => couldHaveMade(caller, command.startedAt));
  const known = new Census(there.map((caller) => trees.knew(caller, command)));
  const told = new Census(there.map((caller) => reading.answered(caller)));
  const call = { ...command, failed: command.error !== undefined };
  const weighed = candidates.map((caller) => {
    const knew = trees.knew(caller, command);
    const given = flowing(knew, reading.askedBy(command), known, asked);
    const fresh = new Map([...reading.answeredTo(command)].filter(([value]) => !knew.has(value)));
    const late = answeredAt(caller) < command.endedAt - 1;
    const returned = late ? NOTHING : flowing(fresh, reading.answered(caller), told, answered);
    const timeline = trees.timeline(caller, command);
    const only = candidates.length === 1;
    return { caller, given, returned, features: featuresOf({ caller, call, given, returned, timeline, only }) };
  });
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

function saysItself({ request }: Command): boolean {
  return request.some((bytes) => TRACEPARENT.test(Buffer.from(bytes).toString('latin1')));
}
