/** What really happened, by the services' own ledgers. Nothing of it was on the wire. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exchange } from '../../src/domain/exchange.ts';
import { SERVICES } from './mesh.ts';

export interface Served {
  readonly id: string;
  readonly service: string;
  readonly requestId: string;
  readonly path: string;
  readonly fault?: number;
  readonly status?: number;
}

export interface Made {
  readonly service: string;
  readonly to: string;
  readonly path: string;
  readonly port: number;
  readonly at: number;
  /** The request it was made for; null: the service's own. */
  readonly by: string | null;
  /** Which request it arrived as. */
  readonly arrived?: Served;
}

interface Line {
  readonly service: string;
  readonly at: number;
  readonly kind: 'inbound' | 'call' | 'answer';
  readonly inbound: string | null;
  readonly requestId?: string;
  readonly path?: string;
  readonly fault?: number;
  readonly status?: number;
  readonly port?: number;
  readonly to?: string;
}

/** Two calls of one source port lie further apart than this. Milliseconds. */
const SAME_PORT_MS = 3_000;

export class Truth {
  readonly served: readonly Served[];
  readonly made: readonly Made[];
  readonly #byId: ReadonlyMap<string, Served>;
  readonly #byRequest: ReadonlyMap<string, Served>;
  readonly #callers: ReadonlyMap<string, Made>;

  constructor(directory: string) {
    const lines = SERVICES.flatMap((service) => linesOf<Line>(join(directory, `${service}.ledger`), JSON.parse));
    const statuses = new Map(lines.flatMap((line) => (line.kind === 'answer' ? [[line.inbound, line.status]] : [])));
    this.served = lines.flatMap(({ kind, inbound, service, requestId = '', path = '', fault }) => {
      const status = statuses.get(inbound);
      if (kind !== 'inbound' || inbound === null) return [];
      return [
        { id: inbound, service, requestId, path, ...(fault && { fault }), ...(status !== undefined && { status }) },
      ];
    });
    this.#byId = new Map(this.served.map((one) => [one.id, one]));
    this.#byRequest = new Map(this.served.map((one) => [`${one.service} ${one.requestId}`, one]));
    const ports = new Map(SERVICES.map((service) => [service as string, portsOf(join(directory, `${service}.ports`))]));
    this.made = lines.flatMap(({ kind, service, inbound, at, port = 0, to = '', path = '' }) => {
      if (kind !== 'call') return [];
      const requestId = nearest(ports.get(service) ?? [], port, at)?.requestId;
      const arrived = this.#byRequest.get(`${to} ${requestId ?? ''}`);
      return [{ service, to, path, port, at, by: inbound, ...(arrived && { arrived }) }];
    });
    this.#callers = new Map(this.made.flatMap((call) => (call.arrived ? [[call.arrived.id, call]] : [])));
  }

  /** The recorded inbound exchange's. */
  servedAs(exchange: Exchange): Served | undefined {
    return this.#byRequest.get(`${exchange.vantage.service} ${exchange.requestId ?? ''}`);
  }

  /** The recorded outbound exchange's. */
  madeAs({ vantage, attributes, startedAt }: Exchange): Made | undefined {
    const port = Number(attributes['source.address']?.split(':').at(-1));
    return nearest(
      this.made.filter((call) => call.service === vantage.service),
      port,
      startedAt,
    );
  }

  callerOf(served: Served): Served | undefined {
    return this.#byId.get(this.#callers.get(served.id)?.by ?? '');
  }

  rootOf(served: Served): Served {
    const caller = this.callerOf(served);
    return caller === undefined ? served : this.rootOf(caller);
  }
}

function nearest<One extends { readonly port: number; readonly at: number }>(
  all: readonly One[],
  port: number,
  at: number,
): One | undefined {
  const same = all.filter((one) => one.port === port && Math.abs(one.at - at) < SAME_PORT_MS);
  return same.toSorted((one, other) => Math.abs(one.at - at) - Math.abs(other.at - at))[0];
}

function portsOf(path: string): readonly { readonly port: number; readonly requestId: string; readonly at: number }[] {
  return linesOf(path, (line) => {
    const [port, requestId = '', at] = line.split(' ');
    return { port: Number(port), requestId, at: Number(at) * 1000 };
  });
}

function linesOf<One>(path: string, read: (line: string) => One): readonly One[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(read);
}
