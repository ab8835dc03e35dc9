/** Commands that one request must have made together: a connection is nobody else's between BEGIN and COMMIT. */
import type { Command } from '../../domain/conversation.ts';
import { conversationProtocol } from '../../wire/protocols.ts';

/** By start; never empty. A command outside of any block stands alone. */
export type Block = readonly [Command, ...(readonly Command[])];

/** `commands`: of several connections, in any order. By start of the first command. */
export function blocksOf(commands: readonly Command[]): readonly Block[] {
  return [...Map.groupBy(commands, ({ conversation }) => conversation).values()]
    .flatMap((one) => cut(one.toSorted(byStart)))
    .toSorted(([one], [other]) => byStart(one, other));
}

function cut(commands: readonly Command[]): readonly Block[] {
  const blocks: [Command, ...Command[]][] = [];
  let open: [Command, ...Command[]] | undefined;
  for (const command of commands) {
    const change = conversationProtocol(command.protocol)?.block?.(command);
    if (open === undefined) blocks.push((open = [command]));
    else open.push(command);
    if (change === 'closes' || (change === undefined && open.length === 1)) open = undefined;
  }
  return blocks;
}

function byStart(one: Command, other: Command): number {
  return one.startedAt - other.startedAt;
}
