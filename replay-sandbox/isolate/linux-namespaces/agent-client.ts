import { type ChildProcess, type SendHandle, spawn } from 'node:child_process';
import { Socket as UdpSocket } from 'node:dgram';
import { Server, Socket } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IsolationError } from '../isolation-error.ts';
import type { AgentMessage, AgentRequest } from './agent-protocol.ts';

/** It runs as it is found: as TypeScript from the sources, as JavaScript from a build. */
const AGENT = fileURLToPath(new URL(`./agent${extname(import.meta.url)}`, import.meta.url));

/** The kernel refused the request itself (an address in use, a connection refused): for the caller to put into words. */
export class AgentRefusal extends Error {
  override readonly name = 'AgentRefusal';
  readonly errno: string;

  constructor(errno: string) {
    super(errno);
    this.errno = errno;
  }
}

export interface AgentPlace {
  readonly helper: string;
  /** The first process of the sandbox. */
  readonly holder: number;
  readonly where: 'mock' | 'service';
  /** Where Node keeps compiled code: it halves the time an agent takes to start. */
  readonly compileCache: string;
}

interface Pending {
  handle: SendHandle | undefined;
  readonly resolve: (handle: SendHandle | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** The agent in one network namespace, as seen from outside. */
export class AgentClient {
  /** Rejects when the agent ended before it was ready. */
  readonly up: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #gone = false;

  constructor({ helper, holder, where, compileCache }: AgentPlace) {
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', AGENT];
    this.#child = spawn(helper, ['enter', String(holder), where, '--', ...node], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // Not the user's NODE_OPTIONS: the agent is not theirs to preload into, or to debug.
      env: { NODE_COMPILE_CACHE: compileCache },
    });
    this.up = new Promise((resolve, reject) => this.#pending.set(0, { handle: undefined, resolve, reject }));
    this.up.catch(() => {});
    this.#child.on('message', (message: AgentMessage, handle: SendHandle | undefined) => this.#take(message, handle));
    this.#child.on('error', () => this.#end());
    this.#child.on('exit', () => this.#end());
  }

  async listen(port: number, host: string): Promise<Server> {
    const handle = await this.#ask((id) => ({ id, kind: 'listen', port, host }));
    return expect(handle, Server);
  }

  async listenUdp(port: number, host: string): Promise<UdpSocket> {
    const handle = await this.#ask((id) => ({ id, kind: 'listen-udp', port, host }));
    return expect(handle, UdpSocket);
  }

  async connect(port: number, hosts: readonly string[]): Promise<Socket> {
    const handle = await this.#ask((id) => ({ id, kind: 'connect', port, hosts }));
    return expect(handle, Socket);
  }

  /** Resolves when the agent's process is gone. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.connected) this.#child.disconnect();
    await exit;
  }

  async #ask(request: (id: number) => AgentRequest): Promise<SendHandle | undefined> {
    if (this.#gone) throw sandboxClosed();
    const id = this.#nextId++;
    return await new Promise((resolve, reject) => {
      this.#pending.set(id, { handle: undefined, resolve, reject });
      this.#child.send(request(id));
    });
  }

  #take(message: AgentMessage, handle: SendHandle | undefined): void {
    const id = message.kind === 'up' ? 0 : message.id;
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    if (message.kind === 'handle') {
      pending.handle = handle;
      return;
    }
    this.#pending.delete(id);
    if (message.kind === 'failed') pending.reject(new AgentRefusal(message.errno));
    else pending.resolve(pending.handle);
  }

  #end(): void {
    this.#gone = true;
    for (const [id, { reject }] of this.#pending) reject(id === 0 ? notStarted() : sandboxClosed());
    this.#pending.clear();
  }
}

export function sandboxClosed(): IsolationError {
  return new IsolationError('closed', 'The sandbox is closed.', 'Open a new one.');
}

function notStarted(): IsolationError {
  const hint = 'Its own message stands above; it needs the Node that runs this program, at a path that it can read.';
  return new IsolationError('set-up-failed', 'The agent in the sandbox ended before it was ready.', hint);
}

function expect<Kind>(handle: SendHandle | undefined, kind: abstract new (...values: never[]) => Kind): Kind {
  if (handle instanceof kind) return handle;
  throw new IsolationError('set-up-failed', 'The agent in the sandbox sent no socket.');
}
