import type { Socket as UdpSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';

/**
 * The port between a replay and whatever keeps the replayed service away from the world. One folder per backend.
 *
 * Errors: everything that fails, fails with an `IsolationError` (its code says what can be done about it). Two things
 * never fail: `close`, and losing what cannot be isolated, which is named in `limits` instead.
 */
export interface IsolationBackend {
  readonly name: string;
  /** Tries it for real, and leaves nothing behind. Never throws. */
  probe(): Promise<Probe>;
  /** Throws `unavailable`, `no-compiler`, `bind-failed`, `set-up-failed`. */
  open(request: IsolationRequest): Promise<Isolation>;
}

export interface Probe {
  readonly available: boolean;
  /** Why it is not available: one sentence. */
  readonly reason?: string;
  /** What to do about it: one sentence. */
  readonly hint?: string;
  /** What it could not isolate or report here: one sentence each. */
  readonly limits: readonly string[];
}

export interface IsolationRequest {
  /**
   * The service reads it and writes to it; what it writes is thrown away. What changes on the host after `open` may or
   * may not show inside: open a new sandbox to run changed sources.
   */
  readonly projectDirectory: string;
  /** The service reads it, and may write nowhere below it, except in the project. */
  readonly homeDirectory: string;
  /**
   * File in the sandbox -> file on the host to show there (a CA bundle, …). It wins over the files the backend makes
   * itself (/etc/resolv.conf, /etc/hosts, /etc/nsswitch.conf). The file in the sandbox has to exist, unless its
   * directory is a throw-away one; otherwise `open` throws `bind-failed`. The file on the host may be removed afterwards.
   */
  readonly binds: ReadonlyMap<string, string>;
  /** Whether the host's unix sockets with a path are out of reach too. Abstract ones always are. */
  readonly hiddenUnixSockets: 'all' | 'none';
}

/**
 * Something the service tried to reach. Every `connect()` is one, to itself (127.0.0.1) and to the mocks and the DNS
 * too, and whatever came of it; so is every UDP packet with an address of its own.
 */
export interface Dial {
  readonly kind: 'tcp' | 'udp' | 'unix';
  /** An IP address (IPv4 always in dotted form), the path of a unix socket, or '@name' of an abstract one. */
  readonly address: string;
  /** Absent for unix sockets. */
  readonly port?: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/** An open sandbox. After `close`, or when it ended by itself, every method rejects with `closed`. */
export interface Isolation {
  readonly backend: string;
  /** What it cannot isolate or report here, one sentence each. */
  readonly limits: readonly string[];
  /** The service's own address, as its peers (the mocks) see it. */
  readonly serviceAddress: string;
  /** Where the service's resolver asks: listen there on port 53, UDP and TCP. */
  readonly dnsAddress: string;

  /**
   * A TCP listener that lives in the sandbox and is served by this process. On 'mocks' it takes connections to the
   * port on *any* address; which one was dialled is `dialledAddress(socket)`. On 'service-loopback' it is
   * 127.0.0.1 of the service. Throws `port-taken`.
   */
  listen(port: number, where: 'mocks' | 'service-loopback'): Promise<Server>;
  /** A UDP socket on `dnsAddress`. Throws `port-taken`. */
  listenUdp(port: number): Promise<UdpSocket>;
  /**
   * A connection to the service from inside: to its own loopback first, then to `serviceAddress`. For the trigger and
   * the debugger. Throws `refused` while nothing listens there.
   */
  connect(port: number): Promise<Socket>;
  /** Resolves when the command runs. Throws `command-failed` when it cannot be executed. */
  launch(command: readonly string[], options: LaunchOptions): Promise<LaunchedProcess>;
  /** Dials from now on. Not called for what `limits` says is not reported. */
  onDial(listener: (dial: Dial) => void): void;
  /**
   * Kills everything inside, closes every listener and connection that was handed out.
   * Resolves when all of that is done; calling it again waits for the same.
   */
  close(): Promise<void>;
}

export interface LaunchOptions {
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

export interface LaunchedProcess {
  /** As this process sees it. */
  readonly pid: number;
  /** What of the environment's wishes could not be had for this one (its clock), one sentence each. */
  readonly limits?: readonly string[];
  /** After the last output. Whatever the command left running in the background has been killed then. Never rejects. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** To the command; a signal that ends programs goes to all it has started as well. Ignored after the exit. */
  readonly kill: (signal: NodeJS.Signals) => void;
}
