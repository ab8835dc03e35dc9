/** Breakpoints in a Node process, over the Chrome DevTools Protocol. */
import type CDP from 'chrome-remote-interface';
import type { Protocol } from 'devtools-protocol';
import { attachInspector } from './inspector.ts';
import { describeValue, readLocals } from './locals.ts';
import type { BreakpointHit, DebugClient } from '../debugger.ts';
import type { BreakpointPlace } from '../place.ts';
import { urlPattern } from '../place.ts';

/** Hits beyond this are passed without a look, so that a line in a hot loop does not stop the replay for hours. */
const HITS_SHOWN = 20;
const STACK_SHOWN = 8;
/** URLs of scripts whose exceptions are not shown: those that the service's own code does not throw. */
const OTHERS_CODE = ['^node:', '/node_modules/'];
/** Node's own; those of `node:vm` come and go. */
const MAIN_CONTEXT = 1;

/** Looks at each hit and lets the process go on; it never waits for a person. */
export class Breakpoints implements DebugClient {
  readonly #client: CDP.Client;
  /** By the inspector's id of the breakpoint. */
  readonly #places = new Map<string, BreakpointPlace>();
  readonly #bound = new Set<BreakpointPlace>();
  readonly #scripts = new Map<string, string>();
  readonly #shown: BreakpointHit[] = [];
  #hits = 0;

  private constructor(client: CDP.Client) {
    this.#client = client;
    client.on('Debugger.scriptParsed', ({ scriptId, url }) =>
      this.#scripts.set(scriptId, url.replace(/^file:\/\//, '')),
    );
    client.on('Debugger.breakpointResolved', ({ breakpointId }) => this.#bind(breakpointId));
    client.on('Debugger.paused', (event) => void this.#paused(event));
    // The process has come to its end, and waits until whoever debugs it lets go.
    client.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === MAIN_CONTEXT) void this.close();
    });
  }

  /** Attaches to the inspector behind `port` on loopback and sets the breakpoints. Throws ReplayError `debugger`, at the latest when `over` fires. */
  static async attach(
    port: number,
    places: readonly BreakpointPlace[],
    over: AbortSignal,
    onThrow = false,
  ): Promise<Breakpoints> {
    const client = await attachInspector(port, over);
    const breakpoints = new Breakpoints(client);
    await client.Runtime.enable();
    await client.Debugger.enable({});
    for (const place of places) await breakpoints.#set(place);
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
    if (locations.length > 0) this.#bind(breakpointId);
  }

  #bind(breakpointId: string): void {
    const place = this.#places.get(breakpointId);
    if (place !== undefined) this.#bound.add(place);
  }

  async #paused(event: Protocol.Debugger.PausedEvent): Promise<void> {
    const place = event.hitBreakpoints?.map((id) => this.#places.get(id)).find((known) => known !== undefined);
    const thrown = event.reason === 'exception' || event.reason === 'promiseRejection';
    if (place === undefined && !thrown) return; // Another debugger's pause: its person decides.
    try {
      if (place !== undefined || this.#isOwn(event)) await this.#count(event, place);
      await this.#client.Debugger.resume({});
    } catch {
      // The process is gone, and with it whatever could be looked at or resumed.
    }
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
    const url = frame === undefined ? '' : (this.#scripts.get(frame.location.scriptId) ?? '');
    return url !== '' && !OTHERS_CODE.some((pattern) => new RegExp(pattern).test(url));
  }

  async #look({ callFrames }: Protocol.Debugger.PausedEvent, asked: string | undefined): Promise<BreakpointHit> {
    const [frame] = callFrames;
    const file = asked ?? (frame === undefined ? '' : (this.#scripts.get(frame.location.scriptId) ?? ''));
    if (frame === undefined) return { file, line: 0, source: '', function: '', locals: [], stack: [] };
    const line = frame.location.lineNumber + 1;
    const { scriptSource } = await this.#client.Debugger.getScriptSource({ scriptId: frame.location.scriptId });
    return {
      file,
      line,
      source: scriptSource.split('\n')[line - 1]?.trim() ?? '',
      function: frame.functionName,
      locals: await readLocals(this.#client, frame),
      stack: callFrames.slice(0, STACK_SHOWN).map((each) => this.#describe(each)),
    };
  }

  #describe({ functionName, location }: Protocol.Debugger.CallFrame): string {
    return `${functionName || '(anonymous)'} (${this.#scripts.get(location.scriptId) ?? '?'}:${location.lineNumber + 1})`;
  }
}
