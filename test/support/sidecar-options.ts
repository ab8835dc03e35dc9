import { socket } from '../../src/envoy-config/address.ts';
import type { SidecarOptions } from '../../src/envoy-config/options.ts';

/** A sidecar with everything: two upstreams, a database, a sink on a unix socket. */
export const PRICING: SidecarOptions = {
  speaker: { service: 'pricing', instance: 'pricing-1', version: '1.4.0' },
  sink: { kind: 'unix', path: '/run/loop/sink.sock' },
  envoyVersion: { major: 1, minor: 40 },
  admin: socket('127.0.0.1', 15000),
  inbound: { listen: socket('0.0.0.0', 15006), app: socket('127.0.0.1', 8080) },
  outbound: {
    listen: socket('127.0.0.1', 15001),
    upstreams: [
      { name: 'accounts', hosts: ['accounts.shop'], address: socket('accounts.internal', 80), timeoutSeconds: 3 },
      { name: 'promotions', hosts: ['promotions.shop', 'promotions'], address: socket('10.0.0.7', 8080) },
    ],
  },
  tcp: [
    {
      name: 'postgres',
      listen: socket('127.0.0.1', 15432),
      peer: 'postgres.shop:5432',
      protocol: 'postgres',
      address: socket('10.0.0.8', 5432),
    },
  ],
};
