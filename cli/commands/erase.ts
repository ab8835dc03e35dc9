import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { withApi } from '../connection.ts';
import { Exit } from '../exit-codes.ts';
import { note, print } from '../output/format.ts';

interface EraseOptions {
  readonly user: string;
  readonly reason: string;
  readonly yes?: true;
}

const EXAMPLES = `
Examples:
  loopctl timeline --user 42                        # what there is
  loopctl erase --user 42 --reason "ticket 811"     # asks first
  loopctl erase --user 42 --reason "ticket 811" --yes

Loops that show the user go as a whole, also where they show others; files that were exported do not, and are named.`;

export function addErase(program: Command): void {
  program
    .command('erase')
    .description('remove everything that is stored of one user, and keep none of it from now on')
    .requiredOption('--user <id>', 'the id at any of the places in users.ids of loopd.yaml')
    .requiredOption('--reason <text>', 'who asked for it; it is audited')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES)
    .action(async ({ user, reason, yes }: EraseOptions, command: Command) => {
      if (yes !== true && !(await isMeant(user, command))) return note('Nothing was erased.');
      const { loops, exemplars, captures, bytes, notes } = await withApi(command, (api) => api.erase({ user, reason }));
      print(`erased ${loops} loops, ${exemplars} exemplars and ambient, ${captures} captures: ${bytes} bytes`);
      for (const one of notes) note(one);
    });
}

/** What is erased does not come back: a script says so in words. */
async function isMeant(user: string, command: Command): Promise<boolean> {
  if (!process.stdin.isTTY)
    return command.error('error: nobody is there to be asked: say --yes', { exitCode: Exit.usage });
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const said = await lines.question(`Erase everything of user ${JSON.stringify(user)}, for good? Type yes: `);
    return said.trim() === 'yes';
  } finally {
    lines.close();
  }
}
