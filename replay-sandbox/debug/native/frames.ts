/** What gdb tells of a thread that stands still, as a person reads it. */
import type { Local } from '../debugger.ts';
import type { Gdb } from './gdb.ts';
import type { MiValue } from './mi.ts';
import { listOf, memberOf, textOf } from './mi.ts';

const FRAMES_READ = 32;
const STACK_SHOWN = 8;
const CHARACTERS = 400;

export interface NativeFrame {
  readonly level: number;
  readonly function: string;
  /** Empty without debug information. */
  readonly file: string;
  readonly line: number;
}

/** Innermost first. */
export async function readFrames(gdb: Gdb): Promise<readonly NativeFrame[]> {
  // Beyond the outermost is no error to gdb.
  const { stack } = await gdb.ask(`-stack-list-frames 0 ${FRAMES_READ - 1}`);
  return listOf(stack).map(frameOf);
}

function frameOf(value: MiValue): NativeFrame {
  return {
    level: Number(textOf(value, 'level')) || 0,
    function: textOf(value, 'func') || '??',
    file: textOf(value, 'fullname') || textOf(value, 'file'),
    line: Number(textOf(value, 'line')) || 0,
  };
}

/** The service's own: what stands above are the libraries that throw, abort or panic for it. */
export function ownFrame(frames: readonly NativeFrame[], projectDirectory: string): NativeFrame | undefined {
  return (
    frames.find(({ file }) => file.startsWith(`${projectDirectory}/`)) ??
    frames.find(({ file }) => file !== '') ??
    frames[0]
  );
}

/** Of a frame and the blocks in it; an outer variable of the same name is hidden, as in the code. */
export async function readLocals(gdb: Gdb, thread: string, level: number): Promise<readonly Local[]> {
  const { variables } = await gdb.ask(`-stack-list-variables --thread ${Number(thread)} --frame ${level} --all-values`);
  const seen = new Map<string, string>();
  for (const variable of listOf(variables)) {
    const name = textOf(variable, 'name');
    if (memberOf(variable, 'value') !== undefined && !seen.has(name))
      seen.set(name, shorten(textOf(variable, 'value')));
  }
  return [...seen].map(([name, value]) => ({ name, value }));
}

export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > CHARACTERS ? `${line.slice(0, CHARACTERS - 1)}…` : line;
}

export function describeStack(frames: readonly NativeFrame[]): readonly string[] {
  return frames.slice(0, STACK_SHOWN).map((frame) => `${frame.function} (${frame.file || '?'}:${frame.line})`);
}
