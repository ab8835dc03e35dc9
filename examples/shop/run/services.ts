/** The services of the shop: how each is run, and whom it calls. */

export type ServiceName = 'gateway' | 'orders' | 'pricing' | 'promotions' | 'accounts';

export type StoreName = 'postgres' | 'redis';

export interface ServicePlan {
  readonly name: ServiceName;
  readonly runtime: 'node' | 'python';
  readonly calls: readonly ServiceName[];
  /** The servers it keeps things in; it has a TCP listener of its sidecar for each. */
  readonly stores: readonly StoreName[];
}

export const ENTRY: ServiceName = 'gateway';

export const SERVICES: readonly ServicePlan[] = [
  { name: 'accounts', runtime: 'node', calls: [], stores: [] },
  { name: 'promotions', runtime: 'python', calls: [], stores: [] },
  { name: 'pricing', runtime: 'node', calls: ['accounts'], stores: ['postgres', 'redis'] },
  { name: 'orders', runtime: 'python', calls: ['pricing', 'promotions'], stores: [] },
  { name: ENTRY, runtime: 'node', calls: ['accounts', 'pricing', 'promotions', 'orders'], stores: [] },
];

/** Ports on loopback: of the application, and of its sidecar. */
export interface ServicePorts {
  readonly app: number;
  readonly inbound: number;
  readonly outbound: number;
  readonly admin: number;
  /** Where the sidecar takes connections for each store. */
  readonly stores: Readonly<Record<StoreName, number>>;
}

export const PORTS_PER_SERVICE = 6;

export function toPorts(numbers: readonly number[]): ServicePorts {
  const [app = 0, inbound = 0, outbound = 0, admin = 0, postgres = 0, redis = 0] = numbers;
  return { app, inbound, outbound, admin, stores: { postgres, redis } };
}
