/** Breakpoints in a native process, by gdb. */
import type { BreakpointHit, ClientRequest, DebugClient } from '../debugger.ts';
import type { BreakpointPlace } from '../place.ts';
import { describeStack, ownFrame, readFrames, readLocals, shorten } from './frames.ts';
import { Gdb } from './gdb.ts';
import { pathOf, programOf } from './launch.ts';
import type { MiTuple, MiValue } from './mi.ts';
import { memberOf, quoteMi, textOf } from './mi.ts';
import { sourceLine } from '../source-text.ts';

/** Hits beyond this are passed without a look, so that a line in a hot loop does not stop the replay for hours. */
const HITS_SHOWN = 20;

/** Values are cut where they are read: ten members, three levels, as in other languages. */
const SETTINGS = [
  'confirm off',
  'pagination off',
  'breakpoint pending on',
  'sysroot /',
  'print elements 100',
  'print repeats 10',
  'print max-depth 3',
  'max-value-size 65536',
  'max-completions 0',
  'style enabled off',
];

/** What ends a C program that went wrong; the others belong to the program. */
const FATAL = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL'];

/** Looks at each stop and lets the process go on; it never waits for a person. */
export class NativeBreakpoints implements DebugClient {
  readonly #gdb: Gdb;
  readonly #project: string;
  /** By gdb's number of the breakpoint; what stops at a throw has no place. */
  readonly #places = new Map<string, BreakpointPlace | undefined>();
  readonly #bound = new Set<BreakpointPlace>();
  readonly #shown: BreakpointHit[] = [];
  #hits = 0;
  #started = false;

  private constructor({ service }: ClientRequest) {
    this.#project = service.projectDirectory;
    this.#gdb = new Gdb(pathOf(service), { event: (name, results) => this.#happened(name, results) });
  }

  /** Throws ReplayError `debugger`. */
  static async attach(request: ClientRequest): Promise<NativeBreakpoints> {
    const breakpoints = new NativeBreakpoints(request);
    const leave = (): void => breakpoints.#gdb.close();
    request.over.addEventListener('abort', leave, { once: true });
    try {
      await breakpoints.#setUp(request);
      return breakpoints;
    } catch (error) {
      leave();
      throw error;
    }
  }

  bound(): readonly BreakpointPlace[] {
    return [...this.#bound];
  }

  unbound(): readonly BreakpointPlace[] {
    const places = [...this.#places.values()].filter((place) => place !== undefined);
    return places.filter((place) => !this.#bound.has(place));
  }

  hits(): number {
    return this.#hits;
  }

  shown(): readonly BreakpointHit[] {
    return this.#shown;
  }

  async start(): Promise<void> {
    this.#started = true;
    await this.#gdb.ask('-exec-continue');
  }

  async close(): Promise<void> {
    this.#gdb.close();
  }

  async #setUp({ service, port, breakpoints, onThrow }: ClientRequest): Promise<void> {
    for (const setting of SETTINGS) await this.#gdb.ask(`-gdb-set ${setting}`).catch(tolerate);
    await this.#gdb.ask(`-file-exec-and-symbols ${quoteMi(await programOf(service))}`);
    await this.#console('handle all nostop noprint pass');
    if (onThrow) await this.#console(`handle ${FATAL.join(' ')} stop print pass`);
    await this.#gdb.ask(`-target-select remote 127.0.0.1:${port}`);
    for (const place of breakpoints) {
      await this.#set(`-break-insert -f --source ${quoteMi(place.file)} --line ${place.line}`, place);
    }
    if (!onThrow) return;
    await this.#set('-catch-throw', undefined);
    // Where the standard library of Rust says that debuggers should stop.
    await this.#set('-break-insert -f --function rust_panic', undefined);
  }

  async #console(command: string): Promise<void> {
    await this.#gdb.ask(`-interpreter-exec console ${quoteMi(command)}`);
  }

  async #set(command: string, place: BreakpointPlace | undefined): Promise<void> {
    const { bkpt } = await this.#gdb.ask(command);
    this.#places.set(textOf(bkpt, 'number'), place);
    this.#bind(bkpt);
  }

  #bind(breakpoint: MiValue | undefined): void {
    const place = this.#places.get(textOf(breakpoint, 'number'));
    const address = textOf(breakpoint, 'addr');
    if (place !== undefined && address !== '' && address !== '<PENDING>') this.#bound.add(place);
  }

  #happened(name: string, results: MiTuple): void {
    if (name === 'breakpoint-modified') this.#bind(memberOf(results, 'bkpt'));
    if (name === 'stopped' && this.#started && !textOf(results, 'reason').startsWith('exited'))
      void this.#stopped(results);
  }

  async #stopped(event: MiTuple): Promise<void> {
    try {
      const asked = textOf(event, 'reason') === 'signal-received' || this.#places.has(textOf(event, 'bkptno'));
      if (asked) this.#hits += 1;
      if (asked && this.#hits <= HITS_SHOWN) this.#shown.push(await this.#look(event));
      await this.#gdb.ask('-exec-continue');
    } catch {
      // The process is gone, and with it whatever could be looked at or resumed.
    }
  }

  async #look(event: MiTuple): Promise<BreakpointHit> {
    const place = this.#places.get(textOf(event, 'bkptno'));
    const frames = await readFrames(this.#gdb);
    const frame = place === undefined ? ownFrame(frames, this.#project) : frames[0];
    if (frame === undefined) return { file: '?', line: 0, source: '', function: '??', locals: [], stack: [] };
    const thrown = place === undefined ? { thrown: await this.#thrown(event, frames[0]?.function ?? '') } : {};
    return {
      file: place?.file ?? this.#inProject(frame.file),
      line: frame.line,
      ...thrown,
      source: await sourceLine(frame.file, frame.line, this.#project),
      function: frame.function,
      locals: await readLocals(this.#gdb, textOf(event, 'thread-id'), frame.level),
      stack: describeStack(frames),
    };
  }

  #inProject(file: string): string {
    return file.startsWith(`${this.#project}/`) ? file.slice(this.#project.length + 1) : file || '?';
  }

  async #thrown(event: MiTuple, where: string): Promise<string> {
    const signal = textOf(event, 'signal-name');
    if (signal !== '') return `${signal}: ${textOf(event, 'signal-meaning')}`;
    if (where === 'rust_panic') return 'panic';
    // Known where the C++ library tells debuggers (SystemTap's probes): its type, and what it holds.
    const { value } = await this.#gdb.ask('-data-evaluate-expression $_exception').catch(() => ({ value: '' }));
    return typeof value === 'string' && value !== '' ? shorten(value) : 'a C++ exception';
  }
}

/** An older gdb does not know every setting. */
function tolerate(): undefined {
  return undefined;
}
