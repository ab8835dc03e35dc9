/** What a Java thread that stands still is at, as a person reads it. */
import type { Local } from '../debugger.ts';
import type { Id } from './fields.ts';
import type { Frame, JavaMachine } from './machine.ts';
import { className, isPlatform, shortName } from './objects.ts';
import { sourcePath } from './places.ts';
import { renderValue } from './render.ts';
import type { Source, Sources } from './sources.ts';

export interface SeenFrame {
  readonly frame: Frame;
  readonly class: string;
  readonly method: string;
  readonly isStatic: boolean;
  /** `shop/Main.java` */
  readonly path: string;
  readonly line: number;
}

export async function seeFrame(machine: JavaMachine, frame: Frame): Promise<SeenFrame> {
  const { class: type, method: id, index } = frame.location;
  const name = className(await machine.signature(type));
  const method = (await machine.methods(type)).find((each) => each.id === id);
  const lines = (await machine.lines(type, id)).filter((line) => line.index <= index);
  return {
    frame,
    class: name,
    method: method?.name ?? '?',
    isStatic: method?.isStatic ?? true,
    path: sourcePath(name, (await machine.sourceFile(type)) || '?'),
    line: lines.at(-1)?.line ?? 0,
  };
}

export function describeFrame({ class: type, method, path, line }: SeenFrame): string {
  return `${shortName(type)}.${method} (${path.split('/').at(-1)}:${line})`;
}

/** The service's own: the innermost of the project's sources; otherwise the innermost that is not the platform's. */
export async function ownFrame(
  frames: readonly SeenFrame[],
  sources: Sources,
): Promise<{ readonly at: SeenFrame; readonly source: Source | undefined } | undefined> {
  for (const at of frames) {
    const source = isPlatform(at.class) ? undefined : await sources.find(at.path);
    if (source !== undefined) return { at, source };
  }
  const at = frames.find((each) => !isPlatform(each.class)) ?? frames[0];
  return at === undefined ? undefined : { at, source: undefined };
}

const WITHOUT_VARIABLES = 'unknown: the class was compiled without them (javac -g)';

/** `this` first, then the variables in scope, in the order of the code; an outer one of the same name does not exist in Java. */
export async function readLocals(machine: JavaMachine, thread: Id, seen: SeenFrame): Promise<readonly Local[]> {
  const { frame, isStatic } = seen;
  const { class: type, method, index } = frame.location;
  const locals: Local[] = [];
  if (!isStatic) {
    locals.push({ name: 'this', value: await renderValue(machine, await machine.thisObject(thread, frame.id)) });
  }
  const variables = await machine.variables(type, method);
  if (variables === undefined) return [...locals, { name: '(locals)', value: WITHOUT_VARIABLES }];
  const inScope = variables
    .filter(({ name, from, to }) => name !== 'this' && from <= index && index < to)
    .toSorted((one, other) => one.slot - other.slot);
  if (inScope.length === 0) return locals;
  const values = await machine.slots(thread, frame.id, inScope);
  for (const [at, { name }] of inScope.entries()) {
    const value = values[at];
    if (value !== undefined) locals.push({ name, value: await renderValue(machine, value) });
  }
  return locals;
}
