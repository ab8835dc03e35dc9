/** Commands do the work and throw; here errors become one sentence, a hint and an exit code. */
import { Command, CommanderError } from 'commander';
import { ApiError } from '../src/api/error.ts';
import { LoopError } from '../src/domain/errors.ts';
import { commandsFor } from './commands.ts';
import { Exit } from './exit-codes.ts';
import { version } from '../src/daemon/version.ts';
import { tellUsage } from './usage.ts';

const UNFORESEEN = 'LOOP_DEBUG=1 loopctl …, which shows where this came from, and report it.';

const program = new Command('loopctl')
  .description('Find the transactions that failed in production, and replay them under a debugger.')
  .version(version())
  .option('--data <directory>', 'data directory of loopd on this machine (default: $LOOP_DATA, else ~/.loop)')
  .option('--url <url>', 'a loopd elsewhere (default: $LOOP_URL); its token comes from $LOOP_TOKEN')
  .option('--context <name>', 'a loopd elsewhere that loopctl context knows (default: $LOOP_CONTEXT)')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .enablePositionalOptions();

for (const add of await commandsFor(process.argv.slice(2))) add(program);
tellUsage(program);

// Whoever reads has read enough (`| head`): there is nobody to tell more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.done : Exit.usage; // Commander has said what is wrong.
  const said = error instanceof Error ? error.message : String(error);
  const hint = error instanceof LoopError ? (error.hint ?? 'loopctl doctor') : UNFORESEEN;
  process.stderr.write(`Error: ${said}\nTry: ${hint}\n`);
  if (!(error instanceof LoopError) && process.env['LOOP_DEBUG'] !== undefined && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  return error instanceof ApiError && (error.code === 'unauthorised' || error.code === 'forbidden')
    ? Exit.notAllowed
    : Exit.error;
}
