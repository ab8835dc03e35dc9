/** loopd's command line. */
import { constants, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { pino } from 'pino';
import { LoopError } from '../domain/errors.ts';
import { systemClock } from './clock.ts';
import { readConfig } from './config.ts';
import type { Config } from './config.ts';
import type { Loopd } from './loopd.ts';
import { startLoopd } from './loopd.ts';
import type { SteppedAside } from './step-aside.ts';
import { version } from './version.ts';

interface CommandLine {
  readonly config?: string;
  readonly data?: string;
  readonly rules?: string;
  readonly transport?: Config['sink']['transport'];
}

/** Exit code of a command line that is not right, as loopctl has it. */
const USAGE = 2;

const log = pino({ name: 'loopd' });

/** Starts by what the command line says, and ends with the process. `aside`: what came of stepping aside. */
export async function run(aside: SteppedAside): Promise<void> {
  const options = readOptions();
  if (!aside.done) log.info({ reason: aside.reason }, 'who wakes up on a core of loopd may wait milliseconds for it');
  try {
    stopOnSignals(await start(options));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const hint = error instanceof LoopError ? error.hint : undefined;
    process.stderr.write(`Error: ${said}\nTry: ${hint ?? 'loopctl doctor, and report it with what it says.'}\n`);
    process.exitCode = 1;
  }
}

function readOptions(): CommandLine {
  return new Command('loopd')
    .description('Records what Envoy sidecars send, keeps the transactions that failed.')
    .version(version())
    .option('--config <file>', 'YAML; docs/CONFIGURATION.md lists every key')
    .option('--data <directory>', 'data directory (default: $LOOP_DATA, else ~/.loop)')
    .option('--rules <file>', 'YAML; docs/CONFIGURATION.md, "Rules" (default: rules in the configuration)')
    .addOption(
      new Option('--transport <name>', 'what takes the sidecars’ calls (default: sink.transport, else http2)').choices([
        'http2',
        'grpc-js',
      ]),
    )
    .configureOutput({
      outputError: (text, write) => write(`Error: ${text.replace(/^error: /, '')}Try: loopd --help\n`),
    })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE))
    .parse()
    .opts<CommandLine>();
}

async function start({ config, data, rules, transport }: CommandLine): Promise<Loopd> {
  const directory = resolve(data ?? process.env['LOOP_DATA'] ?? join(homedir(), '.loop'));
  const read = readConfig(config, { data: directory, ...(rules !== undefined && { rules: resolve(rules) }) });
  const daemon = await startLoopd({
    config: transport === undefined ? read : { ...read, sink: { ...read.sink, transport } },
    clock: systemClock(),
    version: version(),
    log: {
      kept: (loop, purpose) => log.info({ loop, purpose }, 'kept'),
      failed: (message, hint) => log.error({ hint }, message),
      applied: (version, count) => log.info({ version, count }, 'rules'),
    },
    died: (error) => {
      log.fatal({ hint: error.hint }, error.message);
      process.exitCode = 1;
      process.kill(process.pid, 'SIGTERM');
    },
  });
  log.info({ sinks: daemon.sinks, api: daemon.apiUrl, data: directory }, 'recording');
  return daemon;
}

/** The first one stores what is to be kept; the second one leaves at once, with the code that shells give such an end. */
function stopOnSignals(daemon: Loopd): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + constants.signals[signal]);
      stopping = true;
      log.info({ signal }, 'stopping: what is to be kept is stored first; again to leave at once');
      void daemon.stop().then(() => process.exit());
    });
  }
}
