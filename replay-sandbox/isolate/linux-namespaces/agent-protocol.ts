/**
 * What the sandbox asks of the agent in a network namespace, over Node's IPC channel. Each request gets a `handle`
 * message (with the socket) and then `done`, or `failed` alone. `done` says that the agent has let go of its own copy:
 * until then it might take a connection that was meant for us.
 */
export type AgentRequest =
  | { readonly id: number; readonly kind: 'listen' | 'listen-udp'; readonly port: number; readonly host: string }
  /** The hosts are tried in order. */
  | { readonly id: number; readonly kind: 'connect'; readonly port: number; readonly hosts: readonly string[] };

export type AgentMessage =
  | { readonly kind: 'up' }
  | { readonly id: number; readonly kind: 'handle' | 'done' }
  | { readonly id: number; readonly kind: 'failed'; readonly errno: string };
