/** The flags of everything that replays: `replay`, `verify`, and what is made of them. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { LetThrough } from '../replay-sandbox/cast/let-through.ts';
import type { BreakpointPlace } from '../replay-sandbox/debug/place.ts';
import { parsePlace } from '../replay-sandbox/debug/place.ts';
import type { IsolationName } from '../replay-sandbox/isolate/backends.ts';
import { ISOLATIONS } from '../replay-sandbox/isolate/backends.ts';
import type { RuntimeName } from '../replay-sandbox/launch/runtime/runtime.ts';
import type { ClockMode } from '../replay-sandbox/time/service-clock.ts';
import type { ServiceWish } from './cast-flags.ts';
import { collectReal, collectService } from './cast-flags.ts';
import { collectMap } from './map-flag.ts';
import { choice, count, seconds } from './options.ts';

export interface ReplayFlags {
  readonly service?: readonly ServiceWish[];
  readonly real?: readonly LetThrough[];
  readonly port?: number;
  /** Paths, the later over the earlier. */
  readonly envFile?: readonly string[];
  /** Name here -> recorded peer. */
  readonly map?: Readonly<Record<string, string>>;
  readonly ambient: boolean;
  readonly readyTimeout: number;
  readonly timeout: number;
  readonly pace: 'recorded' | 'fast';
  readonly order: 'recorded' | 'asked';
  readonly clock: ClockMode;
  readonly isolation?: IsolationName;
  readonly quiet?: true;
  readonly saveLaunch?: true;
}

export interface DebugFlags {
  readonly inspect?: number | true;
  readonly inspectService?: string;
  readonly break: readonly BreakpointPlace[];
  readonly breakOn?: 'throw';
  readonly debugger?: RuntimeName;
}

const PORT = count(0, 65_535);

export function addReplayFlags(command: Command): Command {
  return addRunFlags(addServiceFlags(command));
}

/** What runs, and what it finds around it. */
function addServiceFlags(command: Command): Command {
  return command
    .option(
      '--service <name[=command]>',
      'another service of the transaction than the one it began at; repeat to run several of them together',
      collectService,
    )
    .option(
      '--real <host=address>',
      'let this peer through, to an address as this machine reaches it; repeat',
      collectReal,
    )
    .option('--port <port>', 'where the service listens, when there is no loop.yaml', PORT)
    .option(
      '--env-file <file>',
      'variables for the service, secrets in them replaced; repeat, the later wins; env in loop.yaml wins over all',
      (file: string, former: readonly string[] | undefined) => [...(former ?? []), file],
    )
    .option(
      '--map <name=recorded>',
      'a name the service has here for a recorded peer: pg.local=postgres.shop, localhost:5433=postgres.shop:5432; repeat',
      collectMap,
    );
}

/** How it runs, and is answered. */
function addRunFlags(command: Command): Command {
  return command
    .option('--no-ambient', 'without the recorded start-up traffic')
    .option('--ready-timeout <seconds>', 'how long it may take to start', seconds, 30)
    .option('--timeout <seconds>', 'how long the answer may take, without a debugger', seconds, 60)
    .option('--pace <pace>', 'frames of streams at their recorded gaps, or fast', choice(['recorded', 'fast']), 'fast')
    .option(
      '--clock <mode>',
      'time as the service sees it: recorded and going on, standing still, or the present one',
      choice(['shift', 'freeze', 'real']),
      'shift',
    )
    .option(
      '--isolation <backend>',
      "what keeps the service away from the world (default: this system's strongest; loopctl doctor tries them)",
      choice(ISOLATIONS),
    )
    .option(
      '--order <order>',
      'answers when they are asked for, or each after those that were recorded before it',
      choice(['asked', 'recorded']),
      'asked',
    )
    .option('--quiet', 'without what the service prints');
}

export function addDebugFlags(command: Command): Command {
  return command
    .option(
      '--inspect [port]',
      "forward the debugger's port to this one (default: the runtime's usual one) and hold the request until a debugger is attached",
      PORT,
    )
    .option(
      '--inspect-service <name>',
      'of several services, the one your debugger is for (default: the one that takes the request)',
    )
    .option(
      '--save-launch',
      'with --inspect: write how to attach into .vscode/launch.json and .run/ of the project, as "loop replay"',
    )
    .option('--break <file:line>', 'stop there and print the locals; repeat', collectPlace, [])
    .option('--break-on <what>', 'throw: stop where an exception is thrown, and print the locals', choice(['throw']))
    .option(
      '--debugger <runtime>',
      'what the service is written in, when its command does not tell',
      choice(['node', 'python', 'go', 'java', 'native']),
    );
}

function collectPlace(text: string, former: readonly BreakpointPlace[]): readonly BreakpointPlace[] {
  const place = parsePlace(text);
  if (place === undefined) throw new InvalidArgumentError('for example allocate.js:14');
  return [...former, place];
}
