/** The services of the shop: how each is run, and whom it calls. */

export type ServiceName = 'gateway' | 'orders' | 'pricing' | 'promotions' | 'accounts';

export interface ServicePlan {
  readonly name: ServiceName;
  readonly runtime: 'node' | 'python';
  readonly calls: readonly ServiceName[];
  readonly usesDatabase: boolean;
}

export const ENTRY: ServiceName = 'gateway';

export const SERVICES: readonly ServicePlan[] = [
  { name: 'accounts', runtime: 'node', calls: [], usesDatabase: false },
  { name: 'promotions', runtime: 'python', calls: [], usesDatabase: false },
  { name: 'pricing', runtime: 'node', calls: ['accounts'], usesDatabase: true },
  { name: 'orders', runtime: 'python', calls: ['pricing', 'promotions'], usesDatabase: false },
  { name: ENTRY, runtime: 'node', calls: ['accounts', 'pricing', 'promotions', 'orders'], usesDatabase: false },
];

/** Ports on loopback: of the application, and of its sidecar. */
export interface ServicePorts {
  readonly app: number;
  readonly inbound: number;
  readonly outbound: number;
  readonly admin: number;
  /** Where the sidecar takes connections for the database. */
  readonly database: number;
}

export const PORTS_PER_SERVICE = 5;

export function toPorts(numbers: readonly number[]): ServicePorts {
  const [app = 0, inbound = 0, outbound = 0, admin = 0, database = 0] = numbers;
  return { app, inbound, outbound, admin, database };
}
