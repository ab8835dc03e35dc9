/** What a Java VM tells by itself: the composite command, several events of one moment. */
import type { Fields, Id, Location, TaggedValue } from './fields.ts';

export const COMPOSITE: readonly [number, number] = [64, 100];

/** Who stands still after it. */
export type Suspends = 'none' | 'thread' | 'all';
const SUSPENDS: readonly Suspends[] = ['none', 'thread', 'all'];

const KIND = { breakpoint: 2, exception: 4, classPrepare: 8, vmStart: 90, vmDeath: 99 } as const;

export type JdwpEvent =
  | { readonly kind: 'breakpoint'; readonly request: number; readonly thread: Id; readonly location: Location }
  | {
      readonly kind: 'exception';
      readonly request: number;
      readonly thread: Id;
      readonly location: Location;
      readonly exception: TaggedValue;
      /** Where it is caught, as far as the VM can tell; class 0 when nowhere. */
      readonly caught: Location;
    }
  | {
      readonly kind: 'class-prepare';
      readonly request: number;
      readonly thread: Id;
      readonly class: Id;
      readonly signature: string;
    }
  | { readonly kind: 'vm-start'; readonly request: number; readonly thread: Id }
  | { readonly kind: 'vm-death'; readonly request: number }
  /** Asked for by nobody here; in most the thread comes first. */
  | { readonly kind: 'other'; readonly request: number };

export interface Composite {
  readonly suspends: Suspends;
  readonly events: readonly JdwpEvent[];
}

/** Undefined when it cannot be read. Events after one of an unknown kind are lost: nothing says how long it is. */
export function readComposite(fields: Fields): Composite | undefined {
  const suspends = SUSPENDS[fields.u8()];
  const events: JdwpEvent[] = [];
  for (let left = fields.i32(); left > 0 && !fields.short && events.at(-1)?.kind !== 'other'; left -= 1) {
    events.push(readEvent(fields));
  }
  return suspends === undefined || fields.short ? undefined : { suspends, events };
}

function readEvent(fields: Fields): JdwpEvent {
  const kind = fields.u8();
  const request = fields.i32();
  switch (kind) {
    case KIND.vmStart:
      return { kind: 'vm-start', request, thread: fields.id('object') };
    case KIND.vmDeath:
      return { kind: 'vm-death', request };
    case KIND.breakpoint:
      return { kind: 'breakpoint', request, thread: fields.id('object'), location: fields.location() };
    case KIND.exception:
      return {
        kind: 'exception',
        request,
        thread: fields.id('object'),
        location: fields.location(),
        exception: fields.tagged(),
        caught: fields.location(),
      };
    case KIND.classPrepare: {
      const thread = fields.id('object');
      fields.u8();
      const type = fields.id('referenceType');
      const signature = fields.text();
      fields.i32();
      return { kind: 'class-prepare', request, thread, class: type, signature };
    }
    default:
      return { kind: 'other', request };
  }
}
