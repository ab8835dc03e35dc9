/** Which peers are let through, and where they are: `--real host=addr`. Pure. */
import { ReplayError } from '../error.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import type { HostAddress } from './host.ts';

/** As a person names it. */
export interface LetThrough {
  readonly host: string;
  /** Undefined: all ports it was called on in the recording. */
  readonly port: number | undefined;
  readonly address: string;
  /** Undefined: the same as the service dials. */
  readonly addressPort: number | undefined;
}

/** One port of one peer, and where it leads. */
export interface Passage {
  readonly name: string;
  readonly port: number;
  readonly address: HostAddress;
}

/** `host[:port]=addr[:port]`, IPv6 addresses in brackets; undefined for anything else. */
export function parseLetThrough(text: string): LetThrough | undefined {
  const [left, right, ...more] = text.split('=').map(place);
  if (left === undefined || right === undefined || more.length > 0) return undefined;
  return { host: left.host.toLowerCase(), port: left.port, address: right.host, addressPort: right.port };
}

function place(text: string): { readonly host: string; readonly port: number | undefined } | undefined {
  const [, bracketed, bare, port] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text.trim()) ?? [];
  const host = bracketed ?? bare;
  if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined;
  return { host, port: port === undefined ? undefined : Number(port) };
}

/** Throws ReplayError `bad-real` where a port is missing, or more than one could be meant. */
export function passagesOf(wanted: readonly LetThrough[], plan: ReplayPlan): readonly Passage[] {
  return wanted.flatMap((one) => {
    const recorded = recordedPorts(one.host, plan);
    const ports = portsOf(one, recorded);
    return ports.map((port) => ({
      name: recorded.name,
      port,
      address: { host: one.address, port: one.addressPort ?? port },
    }));
  });
}

function portsOf({ host, port, address, addressPort }: LetThrough, { ports }: RecordedPorts): readonly number[] {
  if (port !== undefined) return [port];
  if (ports.length === 0) {
    if (addressPort !== undefined) return [addressPort];
    throw new ReplayError(
      'bad-real',
      `"${host}" was not called in the recording, so the port to let through is not known.`,
      `Name it: --real ${host}:443=${address}:443`,
    );
  }
  if (addressPort === undefined || ports.length === 1) return ports;
  if (ports.includes(addressPort)) return [addressPort];
  throw new ReplayError(
    'bad-real',
    `"${host}" was called on the ports ${ports.join(' and ')}; which of them leads to ${address}:${addressPort} is not known.`,
    `Name it: --real ${host}:${ports[0]}=${address}:${addressPort}`,
  );
}

interface RecordedPorts {
  /** As it was recorded: a person may name it shorter. */
  readonly name: string;
  readonly ports: readonly number[];
}

const HTTP_PORT = 80;
const USUAL: Readonly<Record<string, number>> = { postgres: 5432, redis: 6379 };

function recordedPorts(host: string, { http, conversations }: ReplayPlan): RecordedPorts {
  const peers = [
    ...http.map(({ exchange: { peer } }) => ({ name: peer.name, port: peer.port ?? HTTP_PORT })),
    ...conversations.map(({ peer, protocol }) => ({ name: peer.name, port: peer.port ?? USUAL[protocol] })),
  ];
  const names = [...new Set(peers.map(({ name }) => name))];
  const name = meant(host, names);
  const ports = peers.filter((peer) => peer.name === name).flatMap(({ port }) => port ?? []);
  return { name, ports: [...new Set(ports)] };
}

/** The very name, else the one that it is short for. */
function meant(host: string, names: readonly string[]): string {
  const same = names.find((one) => one.toLowerCase() === host);
  const longer = names.filter((one) => one.toLowerCase().startsWith(`${host}.`));
  if (same !== undefined || longer.length <= 1) return same ?? longer[0] ?? host;
  throw new ReplayError(
    'bad-real',
    `"${host}" may be ${longer.join(' or ')}: which of them is to be let through is not known.`,
    `Name it in full: --real ${longer[0]}=address`,
  );
}
