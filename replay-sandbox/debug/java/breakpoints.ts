/** Breakpoints in a Java VM, over JDWP. */
import { basename } from 'node:path';
import type { BreakpointHit, ClientRequest, DebugClient } from '../debugger.ts';
import type { BreakpointPlace } from '../place.ts';
import type { Composite, JdwpEvent } from './events.ts';
import type { Id, Location } from './fields.ts';
import { describeFrame, ownFrame, readLocals, seeFrame } from './frames.ts';
import { JavaMachine } from './machine.ts';
import { className, isPlatform } from './objects.ts';
import { locationsOf } from './places.ts';
import { renderThrown } from './render.ts';
import { Sources } from './sources.ts';

/** Hits beyond this are passed without a look, so that a line in a hot loop does not stop the replay for hours. */
const HITS_SHOWN = 20;
const STACK_SHOWN = 8;
/** Below what the platform puts on top of the service's own frame. */
const FRAMES_READ = 64;

type Stop = Extract<JdwpEvent, { kind: 'breakpoint' | 'exception' }>;

/** Looks at each stop and lets the VM go on; it never waits for a person. */
export class JavaBreakpoints implements DebugClient {
  readonly #machine: JavaMachine;
  readonly #wanted: readonly BreakpointPlace[];
  readonly #sources: Sources;
  /** By the VM's number of the request. */
  readonly #places = new Map<number, BreakpointPlace>();
  readonly #bound = new Set<BreakpointPlace>();
  readonly #seen = new Set<Id>();
  readonly #shown: BreakpointHit[] = [];
  #hits = 0;
  /** One moment after the other. */
  #before: Promise<void> = Promise.resolve();

  private constructor(machine: JavaMachine, { breakpoints, service }: ClientRequest) {
    this.#machine = machine;
    this.#wanted = breakpoints;
    this.#sources = new Sources(service.projectDirectory);
  }

  /** Throws ReplayError `debugger`. */
  static async attach(request: ClientRequest): Promise<JavaBreakpoints> {
    const told: { by?: (composite: Composite) => void } = {};
    const machine = await JavaMachine.open(request.port, request.over, (composite) => told.by?.(composite));
    const known = new JavaBreakpoints(machine, request);
    told.by = (composite) => known.#happened(composite);
    for (const file of new Set(request.breakpoints.map((place) => basename(place.file)))) await machine.onClassOf(file);
    for (const { id, signature } of await machine.loadedClasses()) {
      if (signature.startsWith('L') && !isPlatform(className(signature))) await known.#prepare(id);
    }
    if (request.onThrow) await machine.onThrow();
    return known;
  }

  bound(): readonly BreakpointPlace[] {
    return [...this.#bound];
  }

  unbound(): readonly BreakpointPlace[] {
    return this.#wanted.filter((place) => !this.#bound.has(place));
  }

  hits(): number {
    return this.#hits;
  }

  shown(): readonly BreakpointHit[] {
    return this.#shown;
  }

  /** It stands since its start. */
  async start(): Promise<void> {
    await this.#machine.resume();
  }

  async close(): Promise<void> {
    this.#machine.close();
  }

  #happened(composite: Composite): void {
    this.#before = this.#before.then(() => this.#handle(composite));
  }

  async #handle({ suspends, events }: Composite): Promise<void> {
    if (events.some(({ kind }) => kind === 'vm-start')) return; // `start` lets it go.
    try {
      for (const event of events) {
        if (event.kind === 'class-prepare') await this.#prepare(event.class);
      }
      await this.#stopped(events.filter((event) => event.kind === 'breakpoint' || event.kind === 'exception'));
    } catch {
      // What cannot be looked at must not hold the service.
    }
    const [thread] = events.flatMap((event) => ('thread' in event ? [event.thread] : []));
    const resumed =
      suspends === 'all'
        ? this.#machine.resume()
        : suspends === 'thread' && thread !== undefined
          ? this.#machine.resumeThread(thread)
          : undefined;
    await resumed?.catch(() => undefined); // The VM is gone, and nobody stands any more.
  }

  async #prepare(type: Id): Promise<void> {
    if (this.#seen.has(type)) return;
    this.#seen.add(type);
    for (const place of this.#wanted) {
      for (const location of await locationsOf(this.#machine, type, place)) {
        this.#places.set(await this.#machine.onLocation(location), place);
        this.#bound.add(place);
      }
    }
  }

  async #stopped(stops: readonly Stop[]): Promise<void> {
    for (const stop of stops) {
      if (stop.kind === 'exception' && !(await this.#reachesService(stop.location, stop.caught))) continue;
      this.#hits += 1;
      if (this.#hits <= HITS_SHOWN) this.#shown.push(...(await this.#look(stop)));
    }
  }

  /** What the platform throws and catches itself is none of the service's. */
  async #reachesService(thrown: Location, caught: Location): Promise<boolean> {
    for (const { class: type } of [thrown, caught]) {
      if (!/^0*$/.test(type) && !isPlatform(className(await this.#machine.signature(type)))) return true;
    }
    return /^0*$/.test(caught.class);
  }

  async #look(stop: Stop): Promise<readonly BreakpointHit[]> {
    const machine = this.#machine;
    const frames = [];
    for (const frame of await machine.frames(stop.thread, FRAMES_READ)) frames.push(await seeFrame(machine, frame));
    const own = await ownFrame(stop.kind === 'breakpoint' ? frames.slice(0, 1) : frames, this.#sources);
    if (own === undefined) return [];
    const { at, source } = own;
    const place = stop.kind === 'breakpoint' ? this.#places.get(stop.request) : undefined;
    return [
      {
        file: place?.file ?? source?.path ?? at.path,
        line: at.line,
        ...(stop.kind === 'exception' && { thrown: await renderThrown(machine, stop.exception) }),
        source: source?.line(at.line) ?? '',
        function: at.method,
        locals: await readLocals(machine, stop.thread, at),
        stack: frames.slice(0, STACK_SHOWN).map(describeFrame),
      },
    ];
  }
}
