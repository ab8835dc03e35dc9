/** Breakpoints in a Node process, over the Chrome DevTools Protocol. */
import type CDP from 'chrome-remote-interface';
import type { Protocol } from 'devtools-protocol';
import { attachInspector } from './inspector.ts';
import { describeValue, readLocals } from './locals.ts';
import type { Written } from './scripts.ts';
import { Scripts } from './scripts.ts';
import type { BreakpointHit, ClientRequest, DebugClient } from '../debugger.ts';
import type { BreakpointPlace } from '../place.ts';
import { urlPattern } from '../place.ts';

/** Hits beyond this are passed without a look, so that a line in a hot loop does not stop the replay for hours. */
const HITS_SHOWN = 20;
const STACK_SHOWN = 8;
/** URLs of scripts whose exceptions are not shown: those that the service's own code does not throw. */
const OTHERS_CODE = ['^node:', '/node_modules/'];
/** Node's own; those of `node:vm` come and go. */
const MAIN_CONTEXT = 1;

/** What of a ClientRequest matters here. */
export interface InspectorRequest extends Pick<ClientRequest, 'port' | 'breakpoints' | 'over'> {
  readonly onThrow?: boolean;
  /** Files elsewhere are not read. */
  readonly projectDirectory: string;
}

/** Looks at each hit and lets the process go on; it never waits for a person. */
export class Breakpoints implements DebugClient {
  readonly #client: CDP.Client;
  /** By the inspector's id of the breakpoint. */
  readonly #places = new Map<string, BreakpointPlace>();
  /** The same, of those in what was compiled from the place's file. */
  readonly #compiled = new Map<string, BreakpointPlace>();
  readonly #bound = new Set<BreakpointPlace>();
  readonly #scripts: Scripts;
  readonly #shown: BreakpointHit[] = [];
  #hits = 0;

  private constructor(client: CDP.Client, projectDirectory: string) {
    this.#scripts = new Scripts(projectDirectory);
    this.#client = client;
    client.on('Debugger.scriptParsed', (script) => this.#scripts.add(script));
    client.on('Debugger.breakpointResolved', ({ breakpointId, location }) => void this.#bind(breakpointId, location));
    client.on('Debugger.paused', (event) => void this.#paused(event));
    // The process has come to its end, and waits until whoever debugs it lets go.
    client.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === MAIN_CONTEXT) void this.close();
    });
  }

  /** Attaches to the inspector behind `port` on loopback and sets the breakpoints. Throws ReplayError `debugger`, at the latest when `over` fires. */
  static async attach(request: InspectorRequest): Promise<Breakpoints> {
    const { port, breakpoints: places, over, onThrow = false, projectDirectory } = request;
    const client = await attachInspector(port, over);
    const breakpoints = new Breakpoints(client, projectDirectory);
    over.addEventListener('abort', () => void breakpoints.close(), { once: true });
    await client.Runtime.enable();
    await client.Debugger.enable({});
    for (const place of places) await breakpoints.#set(place);
    // Lines of what was compiled are known once its map is: then, and before it runs.
    const instrumentation = 'beforeScriptWithSourceMapExecution';
    if (places.length > 0) await client.Debugger.setInstrumentationBreakpoint({ instrumentation });
    if (onThrow) await client.Debugger.setBlackboxPatterns({ patterns: [...OTHERS_CODE] });
    if (onThrow) await client.Debugger.setPauseOnExceptions({ state: 'all' });
    return breakpoints;
  }

  /** Those whose file was loaded and whose line has code, so far. */
  bound(): readonly BreakpointPlace[] {
    return [...this.#bound];
  }

  /** The others. */
  unbound(): readonly BreakpointPlace[] {
    return [...this.#places.values()].filter((place) => !this.#bound.has(place));
  }

  /** How often any was hit, shown or not. */
  hits(): number {
    return this.#hits;
  }

  shown(): readonly BreakpointHit[] {
    return this.#shown;
  }

  /** Lets the process run: it was waiting for the debugger. */
  async start(): Promise<void> {
    await this.#client.Runtime.runIfWaitingForDebugger();
  }

  async close(): Promise<void> {
    await this.#client.close().catch(() => undefined); // The process may be gone already.
  }

  async #set(place: BreakpointPlace): Promise<void> {
    const { breakpointId, locations } = await this.#client.Debugger.setBreakpointByUrl({
      lineNumber: place.line - 1,
      urlRegex: urlPattern(place),
    });
    this.#places.set(breakpointId, place);
    for (const location of locations) await this.#bind(breakpointId, location);
  }

  async #bind(breakpointId: string, { scriptId }: Protocol.Debugger.Location): Promise<void> {
    const place = this.#places.get(breakpointId);
    if (place !== undefined && !(await this.#scripts.isCompiledFrom(scriptId, place))) this.#bound.add(place);
  }

  /** A script with a source map is about to run. */
  async #setCompiled(scriptId: string): Promise<void> {
    for (const place of new Set(this.#places.values())) {
      const location = await this.#scripts.compiled(scriptId, place);
      if (location === undefined) continue;
      const { breakpointId } = await this.#client.Debugger.setBreakpoint({ location });
      this.#compiled.set(breakpointId, place);
      this.#bound.add(place);
    }
  }

  async #paused(event: Protocol.Debugger.PausedEvent): Promise<void> {
    const thrown = event.reason === 'exception' || event.reason === 'promiseRejection';
    const compiled = event.reason === 'instrumentation' ? scriptOf(event) : undefined;
    const known = event.hitBreakpoints?.some((id) => this.#places.has(id) || this.#compiled.has(id)) === true;
    if (!known && !thrown && compiled === undefined) return; // Another debugger's pause: its person decides.
    try {
      if (compiled !== undefined) await this.#setCompiled(compiled);
      const place = await this.#hit(event);
      if (place !== undefined || (thrown && this.#isOwn(event))) await this.#count(event, place);
      await this.#client.Debugger.resume({});
    } catch {
      // The process is gone, and with it whatever could be looked at or resumed.
    }
  }

  async #hit(event: Protocol.Debugger.PausedEvent): Promise<BreakpointPlace | undefined> {
    const { hitBreakpoints = [], callFrames } = event;
    const script = callFrames[0]?.location.scriptId ?? '';
    for (const id of hitBreakpoints) {
      const place = this.#places.get(id);
      // By its URL it stands at the line of what the compiler made.
      const misplaced = place !== undefined && (await this.#scripts.isCompiledFrom(script, place));
      const found = misplaced ? undefined : (place ?? this.#compiled.get(id));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #count(event: Protocol.Debugger.PausedEvent, place: BreakpointPlace | undefined): Promise<void> {
    this.#hits += 1;
    if (this.#hits > HITS_SHOWN) return;
    const hit = await this.#look(event, place?.file);
    const value = event.data as Protocol.Runtime.RemoteObject | undefined;
    const thrown = place !== undefined || value === undefined ? undefined : await describeValue(this.#client, value);
    this.#shown.push(thrown === undefined ? hit : { thrown, ...hit });
  }

  /** Whether the service's own code threw it: blackboxing passes on what a library throws at a frame of the service. */
  #isOwn({ callFrames: [frame] }: Protocol.Debugger.PausedEvent): boolean {
    const url = this.#scripts.file(frame?.location.scriptId ?? '');
    return url !== '' && !OTHERS_CODE.some((pattern) => new RegExp(pattern).test(url));
  }

  async #look({ callFrames }: Protocol.Debugger.PausedEvent, asked: string | undefined): Promise<BreakpointHit> {
    const [frame] = callFrames;
    if (frame === undefined) return { file: asked ?? '', line: 0, source: '', function: '', locals: [], stack: [] };
    const { file, line, text } = await this.#written(frame);
    return {
      file: asked ?? file,
      line,
      source: text.split('\n')[line - 1]?.trim() ?? '',
      function: frame.functionName,
      locals: await readLocals(this.#client, frame),
      stack: await Promise.all(callFrames.slice(0, STACK_SHOWN).map((each) => this.#describe(each))),
    };
  }

  async #written({ location }: Protocol.Debugger.CallFrame): Promise<Written> {
    const written = await this.#scripts.written(location);
    if (written !== undefined) return written;
    const { scriptSource } = await this.#client.Debugger.getScriptSource({ scriptId: location.scriptId });
    return { file: this.#scripts.file(location.scriptId), line: location.lineNumber + 1, text: scriptSource };
  }

  async #describe({ functionName, location }: Protocol.Debugger.CallFrame): Promise<string> {
    const own = { file: this.#scripts.file(location.scriptId) || '?', line: location.lineNumber + 1 };
    const { file, line } = (await this.#scripts.written(location)) ?? own;
    return `${functionName || '(anonymous)'} (${file}:${line})`;
  }
}

/** Which script waits to run. */
function scriptOf({ data }: Protocol.Debugger.PausedEvent): string | undefined {
  const id = (data as { readonly scriptId?: unknown } | undefined)?.scriptId;
  return typeof id === 'string' ? id : undefined;
}
