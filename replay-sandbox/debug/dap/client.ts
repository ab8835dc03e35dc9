/** Our own debugger over the Debug Adapter Protocol: it looks at each stop, and lets the service go on. */
import { ReplayError } from '../../error.ts';
import type { BreakpointHit, ClientRequest, DebugClient } from '../debugger.ts';
import type { BreakpointPlace } from '../place.ts';
import { DapConnection } from './connection.ts';
import type { Dialect } from './dialect.ts';
import { CHILD, STOPPED } from './messages.ts';
import { DapPlaces } from './places.ts';
import type { Stop, Throw } from './stop.ts';
import { lookAt } from './stop.ts';

/** Hits beyond this are passed without a look, so that a line in a hot loop does not stop the replay for hours. */
const HITS_SHOWN = 20;
const ATTACH_MS = 30_000;

export class DapClient implements DebugClient {
  readonly #request: ClientRequest;
  readonly #dialect: Dialect;
  readonly #places: DapPlaces;
  readonly #adapters = new Set<DapConnection>();
  readonly #shown: BreakpointHit[] = [];
  #hits = 0;
  #lastThrow: Throw | undefined;
  #start: () => Promise<void> = async () => undefined;

  private constructor(request: ClientRequest, dialect: Dialect) {
    this.#request = request;
    this.#dialect = dialect;
    this.#places = new DapPlaces(request.breakpoints, request.service, dialect);
  }

  /** Attaches and sets everything; the service waits for `start`. Throws ReplayError `debugger`, at the latest when `over` fires. */
  static async attach(request: ClientRequest, dialect: Dialect): Promise<DapClient> {
    const client = new DapClient(request, dialect);
    const over = AbortSignal.any([request.over, AbortSignal.timeout(ATTACH_MS)]);
    const ended = new Promise<never>((_resolve, reject) => {
      if (over.aborted) reject(silent());
      over.addEventListener('abort', () => reject(silent()), { once: true });
    });
    try {
      client.#start = await Promise.race([client.#attach(dialect.attach(request.onThrow)), ended]);
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  bound(): readonly BreakpointPlace[] {
    return this.#places.bound();
  }

  unbound(): readonly BreakpointPlace[] {
    return this.#places.unbound();
  }

  hits(): number {
    return this.#hits;
  }

  shown(): readonly BreakpointHit[] {
    return this.#shown;
  }

  start(): Promise<void> {
    return this.#start();
  }

  async close(): Promise<void> {
    for (const adapter of this.#adapters) adapter.close();
  }

  /** The answer lets the service go on. */
  async #attach(args: Readonly<Record<string, unknown>>): Promise<() => Promise<void>> {
    const adapter = await DapConnection.open(this.#request.port);
    this.#adapters.add(adapter);
    const attached = { places: new Map<number, BreakpointPlace>() as ReadonlyMap<number, BreakpointPlace> };
    const initialized = new Promise<void>((resolve) => {
      adapter.onEvent((event, body) => {
        if (event === 'initialized') resolve();
        if (event === 'debugpyAttach') void this.#child(body);
        if (event === 'stopped') void this.#stopped(adapter, body, attached.places);
        if (event === 'terminated' && this.#dialect.atEnd === 'disconnect')
          adapter.send('disconnect', { terminateDebuggee: true }).catch(() => undefined);
      });
    });
    const { adapter: adapterID } = this.#dialect;
    const client = { clientID: 'loop', clientName: 'Loop', adapterID, pathFormat: 'path' };
    await adapter.send('initialize', { ...client, linesStartAt1: true, columnsStartAt1: true });
    // It is answered when all is set, not before.
    const attach = adapter.send('attach', args);
    await Promise.race([initialized, attach.then(() => initialized)]);
    attached.places = await this.#places.set(adapter);
    await this.#setThrows(adapter);
    return async () => {
      await adapter.send('configurationDone');
      await attach;
    };
  }

  async #setThrows(adapter: DapConnection): Promise<void> {
    const { throws } = this.#dialect;
    if (!this.#request.onThrow) return;
    if (throws.by === 'filter') await adapter.send('setExceptionBreakpoints', { filters: [throws.filter] });
    else await adapter.send('setFunctionBreakpoints', { breakpoints: [{ name: throws.function }] });
  }

  /** A process that the service has started, a worker of a server say: it waits for a debugger as the service did. */
  async #child(body: unknown): Promise<void> {
    try {
      const start = await this.#attach(CHILD.parse(body));
      await start();
    } catch {
      // It is gone already, and nothing waits any more.
    }
  }

  async #stopped(adapter: DapConnection, body: unknown, places: ReadonlyMap<number, BreakpointPlace>): Promise<void> {
    const event = STOPPED.parse(STOPPED.safeParse(body ?? {}).data ?? {});
    const { projectDirectory } = this.#request.service;
    try {
      await this.#look({ adapter, event, places, dialect: this.#dialect, projectDirectory });
    } catch {
      // The process is gone, or the adapter cannot say more.
    }
    await adapter.send('continue', { threadId: event.threadId }).catch(() => undefined);
  }

  async #look(stop: Stop): Promise<void> {
    const seen = await lookAt(stop, this.#lastThrow);
    if (seen === undefined) return;
    this.#hits += 1;
    this.#lastThrow = seen.thrown;
    if (this.#hits <= HITS_SHOWN) this.#shown.push(await seen.show());
  }
}

function silent(): ReplayError {
  return new ReplayError(
    'debugger',
    `The service's debugger did not take us in within ${ATTACH_MS / 1000} s, or the service ended.`,
    'Does it start outside the sandbox?',
  );
}
