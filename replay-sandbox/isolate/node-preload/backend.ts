/**
 * Isolation by a preload, for Node services on machines that have no Linux namespaces (macOS, Windows, hardened Linux): every Node process of
 * the service loads guest/main.cjs, which turns its sockets and look-ups towards this process. It keeps well-behaved code inside; it is no wall.
 */
import { randomBytes } from 'node:crypto';
import { type Socket as UdpSocket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Server, type Socket, connect } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IsolationError } from '../isolation-error.ts';
import type { Dial, Isolation, IsolationBackend, LaunchOptions, LaunchedProcess } from '../isolation.ts';
import { Gate } from './gate.ts';
import { openInspector } from './inspector.ts';
import { spawnGroup } from '../spawn-group.ts';

const GUEST = fileURLToPath(new URL('./guest/main.cjs', import.meta.url));
const LOOPBACK = '127.0.0.1';

const LIMITS = [
  'Only Node code is kept inside (sockets, look-ups, listeners): programs it starts that are not Node, and native add-ons that open sockets themselves (gRPC of C, libpq), reach the network.',
  'Files are not isolated: the service reads and writes what its user may.',
  'A trust store of the system is not replaced: the sandbox is trusted by NODE_EXTRA_CA_CERTS and other variables alone.',
];

/** Programs that are Node, or start it. */
const NODE = /^(?:node|nodejs|npm|npx|pnpm|yarn|tsx|nest|next)(?:\.cmd|\.exe)?$/i;

export function nodePreload(now: () => number): IsolationBackend {
  return {
    name: 'node-preload',
    probe: async () => ({ available: true, limits: LIMITS }),
    open: async () => {
      const token = randomBytes(24).toString('base64url');
      return new PreloadedSpace(await Gate.open(token, now), token);
    },
  };
}

class PreloadedSpace implements Isolation {
  readonly backend = 'node-preload';
  readonly limits = LIMITS;
  readonly serviceAddress = LOOPBACK;
  readonly dnsAddress = LOOPBACK;
  readonly #gate: Gate;
  readonly #token: string;
  readonly #closers = new Set<() => void>();
  readonly #running = new Set<LaunchedProcess>();
  #dnsPort = 0;
  #gone = false;

  constructor(gate: Gate, token: string) {
    this.#gate = gate;
    this.#token = token;
  }

  async listen(port: number, where: 'mocks' | 'service-loopback'): Promise<Server> {
    this.#mustBeOpen();
    const server = this.#gate.serve(port, where);
    if (server !== undefined) return server;
    throw new IsolationError('port-taken', `Port ${port} (${where}) is served already.`);
  }

  /** Whatever port is asked for, the guests are told where it is. */
  async listenUdp(): Promise<UdpSocket> {
    this.#mustBeOpen();
    const socket = createSocket('udp4');
    socket.bind(0, LOOPBACK);
    await once(socket, 'listening');
    this.#dnsPort = socket.address().port;
    const close = (): void => void socket.close();
    this.#closers.add(close);
    socket.once('close', () => this.#closers.delete(close));
    return socket;
  }

  async connect(port: number): Promise<Socket> {
    this.#mustBeOpen();
    const there = this.#gate.listening(port);
    if (there === undefined) throw refused(port);
    const socket = connect({ port: there, host: LOOPBACK });
    await once(socket, 'connect').catch((cause: unknown) => {
      throw refused(port, cause);
    });
    const close = (): void => void socket.destroy();
    this.#closers.add(close);
    socket.once('close', () => this.#closers.delete(close));
    return socket;
  }

  async launch(command: readonly string[], options: LaunchOptions): Promise<LaunchedProcess> {
    this.#mustBeOpen();
    const [program = ''] = command;
    if (!NODE.test(basename(program)))
      throw new IsolationError(
        'command-failed',
        `${program} is not Node, and without namespaces only Node can be isolated.`,
        'Run the replay on Linux or in a container (deploy/replay), or name node itself in the command.',
      );
    const setting = { gate: this.#gate.port, token: this.#token, dns: this.#dnsPort };
    const inspector = openInspector(command, options, (port, at) => this.#gate.listens(port, at));
    const launched = await spawnGroup(inspector.command, {
      ...inspector.options,
      env: {
        ...options.env,
        NODE_OPTIONS: [`--require=${quoted(GUEST)}`, options.env['NODE_OPTIONS'] ?? ''].join(' ').trim(),
        LOOP_PRELOAD: JSON.stringify(setting),
      },
    });
    this.#running.add(launched);
    void launched.exited.then(() => this.#running.delete(launched));
    return launched;
  }

  onDial(listener: (dial: Dial) => void): void {
    this.#gate.onDial(listener);
  }

  async close(): Promise<void> {
    this.#gone = true;
    for (const { kill } of this.#running) kill('SIGKILL');
    await Promise.all([...this.#running].map(async ({ exited }) => await exited));
    for (const close of this.#closers) close();
    this.#closers.clear();
    this.#gate.close();
  }

  #mustBeOpen(): void {
    if (this.#gone) throw new IsolationError('closed', 'The sandbox is closed.', 'Open a new one.');
  }
}

/** As NODE_OPTIONS wants paths with spaces. */
function quoted(path: string): string {
  return /\s/.test(path) ? `"${path.replaceAll('\\', '\\\\')}"` : path;
}

function refused(port: number, cause?: unknown): IsolationError {
  const hint = 'Wait until the service says that it listens, and check the port.';
  return new IsolationError('refused', `Nothing in the sandbox accepts connections on port ${port}.`, hint, { cause });
}
