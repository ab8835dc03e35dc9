/** client → [Envoy] gateway → [Envoy] orders → [Envoy, which speaks TLS to a name] rates [behind an Envoy with the certificate]. */
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import * as x509 from '@peculiar/x509';
import { socket } from '../../src/envoy-config/address.ts';
import type { HttpUpstream } from '../../src/envoy-config/options.ts';
import { extension } from '../../src/envoy-config/tree.ts';
import type { Fields } from '../../src/envoy-config/tree.ts';
import { bentSidecar } from './bent-sidecar.ts';
import { GATEWAY, ORDERS, RATES } from './grpc-cascade-services.ts';
import type { RunningService } from './grpc-services.ts';
import { startService } from './grpc-services.ts';
import { grpcioPath } from './grpcio.ts';
import { quote } from './protobuf.ts';
import type { RunningEnvoy } from './running-envoy.ts';
import { startEnvoy } from './running-envoy.ts';
import type { TestLoopd } from './test-loopd.ts';
import { startTestLoopd } from './test-loopd.ts';
import type { TlsHost } from './tls-host.ts';
import { startTlsHost } from './tls-host.ts';
import { until } from './until.ts';
import { freePort } from './server-process.ts';

export type ServiceName = 'gateway' | 'orders' | 'rates';

/** `left`: its caller did, before it had said anything final. */
export type LedgerLine = { readonly service: ServiceName; readonly trace: string } & (
  | { readonly event: 'asked' | 'left' }
  | { readonly event: 'said'; readonly code: number }
);

/** An upstream that fails twice is asked a third time. */
const RETRY = {
  retry_on: 'unavailable',
  num_retries: 2,
  retry_back_off: { base_interval: '0.01s', max_interval: '0.02s' },
};

export class GrpcCascade implements AsyncDisposable {
  readonly daemon: TestLoopd;
  readonly #directory = mkdtempSync(join(tmpdir(), 'loop-cascade-'));
  readonly #opened = new AsyncDisposableStack();
  readonly #services = new Map<ServiceName, RunningService>();
  #entry = '';

  private constructor(daemon: TestLoopd) {
    this.daemon = daemon;
    this.#opened.defer(() => rmSync(this.#directory, { recursive: true, force: true }));
    this.#opened.defer(() => daemon.close());
  }

  static async start(): Promise<GrpcCascade> {
    const cascade = new GrpcCascade(await startTestLoopd());
    try {
      await cascade.#start();
    } catch (error) {
      await cascade[Symbol.asyncDispose]();
      throw error;
    }
    return cascade;
  }

  async #start(): Promise<void> {
    const foreign = await startTlsHost('foreign.example.test');
    this.#opened.defer(() => foreign.close());
    const certificate = await certificateFor(['rates', 'slow', 'flaky'].map(named));
    const [ratesPort, ordersPort, gatewayPort] = [await freePort(), await freePort(), await freePort()];

    const rates = await this.#sidecar('rates', ratesPort, [], certificate);
    const asked = this.#upstreams(await portOf(rates, 'inbound'), certificate.certificate, foreign);
    const orders = await this.#sidecar('orders', ordersPort, asked);
    const address = socket('127.0.0.1', await portOf(orders, 'inbound'));
    const gateway = await this.#sidecar('gateway', gatewayPort, [{ name: 'orders', hosts: ['orders.test'], address }]);

    await this.#service('rates', [process.execPath, 'rates.mjs'], RATES, ratesPort);
    const through = async (sidecar: RunningEnvoy) => ({ http_proxy: await sidecar.listener('outbound') });
    const python = { PYTHONPATH: grpcioPath(), ...(await through(orders)) };
    await this.#service('orders', ['python3', 'orders.py'], ORDERS, ordersPort, python);
    await this.#service('gateway', [process.execPath, 'gateway.mjs'], GATEWAY, gatewayPort, await through(gateway));
    this.#entry = new URL(await gateway.listener('inbound')).host;
  }

  /** All by name, all over TLS: rates, rates with a short timeout, with retries, nobody, rates under a name not its own, and somebody without a sidecar. */
  #upstreams(rates: number, certificate: string, foreign: TlsHost): readonly HttpUpstream[] {
    const [ca, foreignCa] = [join(this.#directory, 'ca.pem'), join(this.#directory, 'foreign.pem')];
    writeFileSync(ca, certificate);
    writeFileSync(foreignCa, foreign.ca);
    const to = (name: string, port: number, more: Partial<HttpUpstream> = {}): HttpUpstream => ({
      name,
      hosts: [named(name)],
      address: socket('127.0.0.1', port),
      tls: { ca },
      ...more,
    });
    return [
      to('rates', rates, { timeoutSeconds: 60 }),
      to('slow', rates, { timeoutSeconds: 2 }),
      to('flaky', rates, { timeoutSeconds: 60 }),
      // Nobody listens on port 1.
      to('gone', 1),
      to('impostor', rates),
      to('foreign', foreign.port, { tls: { ca: foreignCa } }),
    ];
  }

  async #sidecar(
    service: ServiceName,
    app: number,
    upstreams: readonly HttpUpstream[],
    certificate?: Certificate,
  ): Promise<RunningEnvoy> {
    const yaml = bentSidecar(
      {
        speaker: { service, instance: `${service}-1` },
        sink: this.daemon.sink,
        envoyVersion: { major: 1, minor: 40 },
        admin: socket('127.0.0.1', 0),
        inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app) },
        ...(upstreams.length > 0 && { outbound: { listen: socket('127.0.0.1', 0), upstreams } }),
      },
      { patient: true, retries: { flaky: RETRY } },
    );
    const envoy = await startEnvoy(certificate === undefined ? yaml : behindTls(yaml, certificate));
    this.#opened.defer(() => envoy.stop());
    return envoy;
  }

  async #service(
    name: ServiceName,
    [program, file]: readonly [string, string],
    text: string,
    port: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const path = join(this.#directory, file);
    writeFileSync(path, text);
    const service = await startService([program, path], { PORT: String(port), LEDGER: this.#ledger, ...env });
    this.#services.set(name, service);
    this.#opened.defer(() => service.stop());
  }

  get #ledger(): string {
    return join(this.#directory, 'ledger');
  }

  ledger(trace: string): readonly LedgerLine[] {
    const lines = readFileSync(this.#ledger, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as LedgerLine).filter((line) => line.trace === trace);
  }

  /** Resolves when the service has written it. */
  async wrote(trace: string, service: ServiceName, event: LedgerLine['event']): Promise<void> {
    await until(
      () => this.ledger(trace),
      (lines) => lines.some((line) => line.service === service && line.event === event),
    );
  }

  service(name: ServiceName): RunningService {
    const service = this.#services.get(name);
    if (service === undefined) throw new Error(`${name} is not running.`);
    return service;
  }

  /** The client waits for so long. The default is a net under the test. */
  ask(sku: string, patienceMs = 60_000): CascadeCall {
    return new CascadeCall(this.#entry, sku, patienceMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}

/** What a client is told in the end, and how many messages it got before. */
export interface Told {
  readonly code: number;
  readonly details: string;
  readonly messages: number;
}

/** One call of a client outside, under a trace of its own. */
export class CascadeCall {
  readonly trace = randomBytes(16).toString('hex');
  readonly told: Promise<Told>;
  readonly message: Promise<void>;
  readonly #call: grpc.ClientReadableStream<Buffer>;

  constructor(entry: string, sku: string, patienceMs: number) {
    const client = new grpc.Client(entry, grpc.credentials.createInsecure());
    const metadata = new grpc.Metadata();
    metadata.set('traceparent', `00-${this.trace}-00000000000000ab-01`);
    const same = (bytes: Buffer): Buffer => bytes;
    const body = Buffer.from(quote({ sku }));
    const options = { deadline: Date.now() + patienceMs };
    const call = client.makeServerStreamRequest('/shop.Gateway/Checkout', same, same, body, metadata, options);
    const first = Promise.withResolvers<void>();
    const end = Promise.withResolvers<Told>();
    let messages = 0;
    call.on('data', () => {
      messages += 1;
      first.resolve();
    });
    call.on('error', () => undefined);
    call.on('status', ({ code, details }) => {
      client.close();
      end.resolve({ code, details, messages });
    });
    this.#call = call;
    this.message = first.promise;
    this.told = end.promise;
  }

  leave(): void {
    this.#call.cancel();
  }
}

const named = (name: string): string => `${name}.example.test`;

async function portOf(envoy: RunningEnvoy, listener: string): Promise<number> {
  return Number(new URL(await envoy.listener(listener)).port);
}

/** PEM. */
interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Its own authority. */
async function certificateFor(names: readonly string[]): Promise<Certificate> {
  x509.cryptoProvider.set(globalThis.crypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=rates',
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { certificate: `${certificate.toString('pem')}\n`, key: `${key}\n` };
}

/** The inbound listener takes TLS instead of plain text. */
function behindTls(json: string, { certificate, key }: Certificate): string {
  const bootstrap = JSON.parse(json) as {
    readonly static_resources: {
      readonly listeners: readonly { readonly name: string; readonly filter_chains: { transport_socket?: Fields }[] }[];
    };
  };
  const inbound = bootstrap.static_resources.listeners.find(({ name }) => name === 'inbound');
  const certificates = [{ certificate_chain: { inline_string: certificate }, private_key: { inline_string: key } }];
  for (const chain of inbound?.filter_chains ?? [])
    chain.transport_socket = extension(
      'envoy.transport_sockets.tls',
      'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      { common_tls_context: { alpn_protocols: ['h2', 'http/1.1'], tls_certificates: certificates } },
    );
  return JSON.stringify(bootstrap);
}
