/** A person's debugger that speaks the Debug Adapter Protocol. */
import { DapConnection } from '../../replay-sandbox/debug/dap/connection.ts';

export interface PersonsDebugger {
  readonly adapter: DapConnection;
  /** Resolves when the service stops, with the thread. */
  readonly stopped: Promise<number>;
  evaluate(threadId: number, expression: string): Promise<unknown>;
}

/** Attaches as an editor does, sets one breakpoint, and lets the service go on. */
export async function attachPerson(
  port: number,
  args: Readonly<Record<string, unknown>>,
  at: { readonly path: string; readonly line: number },
): Promise<PersonsDebugger> {
  const adapter = await DapConnection.open(port);
  const stopped = new Promise<number>((resolve) => {
    adapter.onEvent((event, body) => {
      if (event === 'stopped') resolve((body as { threadId: number }).threadId);
    });
  });
  const initialized = new Promise<void>((resolve) => {
    adapter.onEvent((event) => {
      if (event === 'initialized') resolve();
    });
  });
  await adapter.send('initialize', { clientID: 'person', adapterID: 'x', pathFormat: 'path' });
  const attached = adapter.send('attach', args);
  await initialized;
  await adapter.send('setBreakpoints', { source: { path: at.path }, breakpoints: [{ line: at.line }] });
  await adapter.send('configurationDone');
  await attached;
  return {
    adapter,
    stopped,
    async evaluate(threadId, expression) {
      const { stackFrames } = (await adapter.send('stackTrace', { threadId, levels: 1 })) as {
        stackFrames: readonly { readonly id: number }[];
      };
      const frameId = stackFrames[0]?.id;
      return ((await adapter.send('evaluate', { expression, frameId })) as { readonly result: unknown }).result;
    },
  };
}
