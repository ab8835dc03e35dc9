/** VS Code's part in a replay: it attaches as the printed entry of launch.json says, with the client that its debug adapters are tested with. */
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { onTestFinished } from 'vitest';

export interface Editor {
  readonly client: DebugClient;
  /** Lets the service run, as an editor does once it has told all its breakpoints. */
  run(): Promise<void>;
  /** The thread that has stopped at a breakpoint. */
  readonly stopped: Promise<number>;
  locals(threadId: number): Promise<Readonly<Record<string, string>>>;
}

/** An entry of `configurations`, as it was printed or written. */
export interface LaunchEntry {
  readonly type: string;
  readonly port?: number;
  readonly connect?: { readonly port: number };
}

/** Attaches and sets one breakpoint. The service stands still until `run`. */
export async function openEditor(
  entry: LaunchEntry,
  at: { readonly path: string; readonly line: number },
): Promise<Editor> {
  const client = new DebugClient('', '', entry.type);
  client.defaultTimeout = 60_000;
  await client.start(entry.connect?.port ?? entry.port);
  // The replay may be over, and nobody there to answer.
  onTestFinished(() => void client.stop().catch(() => undefined));
  const stopped = new Promise<number>((resolve) => {
    client.on('stopped', ({ body }: { readonly body: { readonly threadId?: number } }) => resolve(body.threadId ?? 0));
  });
  const initialized = client.waitForEvent('initialized');
  await client.initializeRequest();
  // Adapters answer it when the configuration is done, or before.
  const attached = client.attachRequest(entry as Parameters<DebugClient['attachRequest']>[0]);
  await initialized;
  const breakpoints = [{ line: at.line }];
  await client.setBreakpointsRequest({ source: { path: at.path }, breakpoints });
  return {
    client,
    stopped,
    async run() {
      await client.configurationDoneRequest();
      await attached;
    },
    locals: (threadId) => localsOf(client, threadId),
  };
}

async function localsOf(client: DebugClient, threadId: number): Promise<Readonly<Record<string, string>>> {
  const { stackFrames } = (await client.stackTraceRequest({ threadId, levels: 1 })).body;
  const { scopes } = (await client.scopesRequest({ frameId: stackFrames[0]?.id ?? 0 })).body;
  const { variablesReference } = scopes.find(({ name }) => name === 'Locals') ?? { variablesReference: 0 };
  const { variables } = (await client.variablesRequest({ variablesReference })).body;
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}
