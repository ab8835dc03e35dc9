/** Which of several services are debugged, and how: a person's debugger goes to one, breakpoints wherever their file is. */
import type { KnownDebugger } from '../debug/debuggers.ts';
import { debuggerOf } from '../debug/debuggers.ts';
import type { BreakpointPlace } from '../debug/place.ts';
import type { DebugWish } from '../debug/session.ts';
import { wantsDebugger } from '../debug/session.ts';
import { ReplayError } from '../error.ts';
import { runtimeOf } from '../launch/runtime/runtime.ts';
import type { PlacedSettings } from '../plan/settings.ts';
import { hasFile, mayBeOf } from './source-file.ts';

export interface Debugged {
  readonly service: string;
  readonly settings: PlacedSettings;
  /** As far as programs are looked for in it. */
  readonly env: Readonly<Record<string, string>>;
}

export interface CastWishes {
  readonly of: (service: string) => DebugWish;
  /** Who is left out, and why: sentences. */
  readonly said: readonly string[];
}

interface Known extends Debugged {
  readonly kind: KnownDebugger | undefined;
}

/**
 * `inspected`: whom the person's debugger is for; by default the first, which takes the trigger. Throws ReplayError `no-service` when that one does
 * not run, `debugger` when nothing that was asked for can be done in any of them.
 */
export function castWishes(wish: DebugWish, inspected: string | undefined, services: readonly Debugged[]): CastWishes {
  const names = services.map(({ service }) => service);
  if (inspected !== undefined && !names.includes(inspected))
    throw new ReplayError(
      'no-service',
      `"${inspected}" does not run, so no debugger can be attached to it.`,
      `--inspect-service ${names.join('|')}`,
    );
  if (services.length === 1 || !wantsDebugger(wish)) return { of: () => wish, said: [] };
  const target = inspected ?? names[0];
  const known = services.map((one) => ({ ...one, kind: kindOf(one, wish) }));
  const places = wish.breakpoints.map((place) => placed(place, known));
  const thrown = thrownIn(wish, known);
  const wishes = new Map(
    known.map(({ service, kind }) => [
      service,
      {
        runtime: kind?.runtime ?? wish.runtime,
        inspect: service === target ? wish.inspect : undefined,
        breakpoints: places.flatMap(({ place, services: those }) => (those.includes(service) ? [place] : [])),
        onThrow: thrown.services.includes(service),
      },
    ]),
  );
  const lead = `--inspect is for ${target}, which takes the request; --inspect-service <name> takes another`;
  return {
    of: (service) => wishes.get(service) ?? { breakpoints: [], onThrow: false },
    said: [
      ...(wish.inspect !== undefined && inspected === undefined ? [lead] : []),
      ...places.flatMap(({ said }) => said),
      ...thrown.said,
    ],
  };
}

/** What the person says counts where the command does not tell. */
function kindOf({ settings, env }: Debugged, { runtime }: DebugWish): KnownDebugger | undefined {
  const { run: command, workingDirectory, projectDirectory } = settings;
  const told = runtimeOf(command, { workingDirectory, env }) ?? runtime;
  try {
    return debuggerOf({ command, env, workingDirectory, projectDirectory }, told);
  } catch (error) {
    if (error instanceof ReplayError) return undefined;
    throw error;
  }
}

interface Placed {
  readonly services: readonly string[];
  readonly said: readonly string[];
}

function placed(place: BreakpointPlace, known: readonly Known[]): Placed & { readonly place: BreakpointPlace } {
  const what = `--break ${place.file}:${place.line}`;
  const able = known.filter(({ kind }) => kind !== undefined && mayBeOf(place.file, kind.runtime));
  if (able.length === 0) throw nobody(what, known);
  const having = able.filter(({ settings }) =>
    hasFile(place.file, settings.projectDirectory, settings.workingDirectory),
  );
  // It may be a library's: then whoever loads it has it.
  const taking = having.length > 0 ? having : able;
  const services = taking.map(({ service }) => service);
  const out = known.filter(({ service }) => !services.includes(service));
  const said = out.map((one) => `${what} is not set in ${one.service}: ${whyNot(one, able.includes(one))}`);
  return { place, services, said };
}

function whyNot({ kind }: Known, isAble: boolean): string {
  if (kind === undefined) return 'nothing debugs what it is written in';
  return isAble ? 'its project has no such file' : `it is written in ${kind.runtime}`;
}

function thrownIn({ onThrow }: DebugWish, known: readonly Known[]): Placed {
  if (!onThrow) return { services: [], said: [] };
  const able = known.filter(({ kind }) => kind !== undefined);
  if (able.length === 0) throw nobody('--break-on throw', known);
  return {
    services: able.map(({ service }) => service),
    said: known
      .filter(({ kind }) => kind === undefined)
      .map((one) => `--break-on throw leaves out ${one.service}: ${whyNot(one, false)}`),
  };
}

function nobody(what: string, known: readonly Known[]): ReplayError {
  const each = known.map(({ service, kind }) => `${service} (${kind?.runtime ?? 'not known'})`).join(', ');
  return new ReplayError(
    'debugger',
    `${what} can be set in none of the services: ${each}.`,
    'Leave it out, or say with --debugger what those are written in whose command does not tell.',
  );
}
