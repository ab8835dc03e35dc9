import { type Socket as UdpSocket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { IsolationError } from '../isolation-error.ts';
import type { Isolation, IsolationBackend, LaunchOptions, LaunchedProcess } from '../isolation.ts';
import { spawnGroup } from '../spawn-group.ts';

const LOOPBACK = '127.0.0.1';

const LIMITS = [
  'Nothing is isolated: the service reaches whatever this machine reaches, and writes where its user may.',
];

/** No isolation at all: for tests that have to show what isolation makes a difference to. */
export const noIsolation: IsolationBackend = {
  name: 'none',
  probe: async () => ({ available: true, limits: LIMITS }),
  open: async () => new OpenSpace(),
};

class OpenSpace implements Isolation {
  readonly backend = 'none';
  readonly limits = LIMITS;
  readonly serviceAddress = LOOPBACK;
  readonly dnsAddress = LOOPBACK;
  readonly #closers = new Set<() => void>();
  readonly #running = new Set<LaunchedProcess>();

  async listen(port: number): Promise<Server> {
    const server = createServer();
    server.listen(port, LOOPBACK);
    await once(server, 'listening').catch((cause: unknown) => {
      throw new IsolationError('port-taken', `Cannot listen on ${LOOPBACK}:${port}.`, undefined, { cause });
    });
    this.#closers.add(() => server.close());
    return server;
  }

  async listenUdp(port: number): Promise<UdpSocket> {
    const socket = createSocket('udp4');
    socket.bind(port, LOOPBACK);
    await once(socket, 'listening').catch((cause: unknown) => {
      throw new IsolationError('port-taken', `Cannot bind ${LOOPBACK}:${port}.`, undefined, { cause });
    });
    const close = (): void => void socket.close();
    this.#closers.add(close);
    socket.once('close', () => this.#closers.delete(close));
    return socket;
  }

  async connect(port: number): Promise<Socket> {
    const socket = connect({ port, host: LOOPBACK });
    await once(socket, 'connect').catch((cause: unknown) => {
      throw new IsolationError('refused', `Nothing accepts connections on ${LOOPBACK}:${port}.`, undefined, { cause });
    });
    this.#closers.add(() => socket.destroy());
    return socket;
  }

  async launch(command: readonly string[], options: LaunchOptions): Promise<LaunchedProcess> {
    const launched = await spawnGroup(command, options);
    this.#running.add(launched);
    void launched.exited.then(() => this.#running.delete(launched));
    return launched;
  }

  /** Nobody looks. */
  onDial(): void {}

  async close(): Promise<void> {
    for (const close of this.#closers) close();
    this.#closers.clear();
    for (const { kill } of this.#running) kill('SIGKILL');
    await Promise.all([...this.#running].map(async ({ exited }) => await exited));
  }
}
