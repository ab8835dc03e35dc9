/** What differs between debug adapters. */
import type { DapFrame } from './messages.ts';

export interface Dialect {
  /** Of `initialize`. */
  readonly adapter: string;
  attach(onThrow: boolean): Readonly<Record<string, unknown>>;
  /** Asked for where exceptions are to stop. */
  readonly throws:
    | { readonly by: 'filter'; readonly filter: string }
    | { readonly by: 'function'; readonly function: string; readonly argument: string };
  /** Whether nothing can stand at this line of the text (from 0), where the text tells; such a breakpoint stands at the next. */
  isEmpty(line: string): boolean;
  /** Frames that are the runtime's own: they are not shown. */
  isInternal(frame: DapFrame): boolean;
  /** A name that is no variable of the code. */
  isNoVariable(name: string): boolean;
  /** Whether the text says nothing but the type, so that the members are worth a look. */
  isOpaque(value: string): boolean;
  /** Said when the service has come to its end: the adapter would go on without it. */
  readonly atEnd?: 'disconnect';
}
