import type { Socket as UdpSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import { IsolationError } from '../isolation-error.ts';
import type { Dial, Isolation, LaunchOptions, LaunchedProcess } from '../isolation.ts';
import { DNS_ADDRESS, SERVICE_ADDRESS } from './addresses.ts';
import { type AgentClient, AgentRefusal, sandboxClosed } from './agent-client.ts';
import type { Holder } from './holder.ts';
import { launch } from './launch.ts';

export interface SandboxParts {
  readonly helper: string;
  readonly holder: Holder;
  readonly mockAgent: AgentClient;
  readonly serviceAgent: AgentClient;
  readonly hasIpv6: boolean;
  readonly hideUnixSockets: boolean;
  readonly limits: readonly string[];
}

/** One open sandbox. */
export class NamespaceSandbox implements Isolation {
  readonly backend = 'linux-namespaces';
  readonly limits: readonly string[];
  readonly serviceAddress = SERVICE_ADDRESS;
  readonly dnsAddress = DNS_ADDRESS;
  readonly #parts: SandboxParts;
  readonly #dialListeners: ((dial: Dial) => void)[] = [];
  readonly #handedOut = new Set<() => void>();
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;
  #gone = false;

  constructor(parts: SandboxParts) {
    this.#parts = parts;
    this.limits = parts.limits;
    void parts.holder.ended.then(() => (this.#gone = true));
  }

  async listen(port: number, where: 'mocks' | 'service-loopback'): Promise<Server> {
    this.#mustBeOpen();
    const { mockAgent, serviceAgent, hasIpv6 } = this.#parts;
    const everywhere = hasIpv6 ? '::' : '0.0.0.0';
    const server = await (
      where === 'mocks' ? mockAgent.listen(port, everywhere) : serviceAgent.listen(port, '127.0.0.1')
    ).catch((error: unknown) => rethrow(error, (errno) => portTaken(port, where, errno)));
    this.#closeAtEnd(server, () => server.close());
    return server;
  }

  async listenUdp(port: number): Promise<UdpSocket> {
    this.#mustBeOpen();
    const socket = await this.#parts.mockAgent
      .listenUdp(port, DNS_ADDRESS)
      .catch((error: unknown) => rethrow(error, (errno) => portTaken(port, 'mocks', errno)));
    this.#closeAtEnd(socket, () => socket.close());
    return socket;
  }

  async connect(port: number): Promise<Socket> {
    this.#mustBeOpen();
    const socket = await this.#parts.serviceAgent
      .connect(port, ['127.0.0.1', '::1', SERVICE_ADDRESS])
      .catch((error: unknown) => rethrow(error, (errno) => refused(port, errno)));
    this.#closeAtEnd(socket, () => socket.destroy());
    return socket;
  }

  async launch(command: readonly string[], options: LaunchOptions): Promise<LaunchedProcess> {
    this.#mustBeOpen();
    const { helper, holder, hideUnixSockets } = this.#parts;
    const onDial = (dial: Dial): void => this.#dialListeners.forEach((listener) => listener(dial));
    const process = await launch({ helper, holder: holder.pid, hideUnixSockets, onDial }, command, options);
    this.#running.add(process.exited);
    void process.exited.then(() => this.#running.delete(process.exited));
    return process;
  }

  onDial(listener: (dial: Dial) => void): void {
    this.#dialListeners.push(listener);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    await this.#closing;
  }

  async #closeAll(): Promise<void> {
    this.#gone = true;
    for (const close of this.#handedOut) close();
    const { holder, mockAgent, serviceAgent } = this.#parts;
    holder.end();
    await Promise.all([holder.ended, mockAgent.close(), serviceAgent.close(), ...this.#running]);
  }

  #closeAtEnd(handle: Server | Socket | UdpSocket, close: () => void): void {
    this.#handedOut.add(close);
    handle.once('close', () => this.#handedOut.delete(close));
  }

  #mustBeOpen(): void {
    if (this.#gone) throw sandboxClosed();
  }
}

function rethrow(error: unknown, inWords: (errno: string) => IsolationError): never {
  throw error instanceof AgentRefusal ? inWords(error.errno) : error;
}

function portTaken(port: number, where: string, errno: string): IsolationError {
  const hint = 'Each port can be listened on once in each place.';
  return new IsolationError('port-taken', `Cannot listen on port ${port} (${where}): ${errno}.`, hint);
}

function refused(port: number, errno: string): IsolationError {
  const hint = 'Wait until the service says that it listens, and check the port.';
  return new IsolationError('refused', `Nothing in the sandbox accepts connections on port ${port} (${errno}).`, hint);
}
