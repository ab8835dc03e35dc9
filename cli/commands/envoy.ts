import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { shardOf } from '../../src/domain/shard.ts';
import { parseAddress, shardAddress } from '../../src/envoy-config/address.ts';
import type { Address } from '../../src/envoy-config/address.ts';
import type { HttpUpstream, SinkTls, TcpUpstream } from '../../src/envoy-config/options.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { snippetsYaml } from '../../src/envoy-config/snippets.ts';
import { parseVersion } from '../../src/envoy-config/version.ts';
import { Exit } from '../exit-codes.ts';
import { print } from '../output/format.ts';

interface EnvoyOptions {
  readonly envoyVersion: string;
  readonly target: 'snippets' | 'sidecar';
  readonly sink?: string;
  readonly sinkTls?: SinkTls;
  readonly sinkShards?: boolean;
  readonly shard?: number;
  readonly service: string;
  readonly instance?: string;
  readonly serviceVersion?: string;
  readonly carryEnv: readonly string[];
  readonly inbound: string;
  readonly app: string;
  readonly outbound?: string;
  readonly admin: string;
  readonly attempts?: boolean;
  readonly http: readonly HttpUpstream[];
  readonly tcp: readonly TcpUpstream[];
}

const EXAMPLES = `
Examples:
  loopctl envoy config --service orders
      filters and cluster to put into your own Envoy configuration
  loopctl envoy config --service orders --target sidecar --app 127.0.0.1:8080 \\
      --http pricing=pricing.shop@10.0.0.7:8080 --tcp db=postgres:postgres.shop:5432@10.0.0.9:5432,listen=127.0.0.1:15432
      a whole configuration for one sidecar
  loopctl envoy config --service orders --sink loopd.loop:5678 --sink-tls /etc/loop/ca.pem,cert=/etc/loop/orders.pem,key=/etc/loop/orders.key
      to a loopd with sink.tls, which asks for certificates of sidecars
  loopctl envoy config --service orders --carry-env FEATURE_X,REGION
      the same, and what these variables are in production
  loopctl envoy config --service orders --instance orders-1 --sink unix:/run/loop/sink.sock --sink-shards
      for a loopd with several workers: all of an instance goes to one of them (without --instance: all replicas of the service)
  loopctl envoy config --service orders --attempts
      the same, and a filter for the clusters whose calls are retried`;

export function addEnvoy(program: Command): void {
  const config = program
    .command('envoy')
    .description('what Envoy needs to be told')
    .command('config')
    .description('print the configuration that makes an Envoy record for Loop');
  addSpeaker(config);
  addSink(config);
  addSidecar(config);
  config.addHelpText('after', EXAMPLES).action((options: EnvoyOptions, command: Command) => {
    // The port loopd has by default is no row of ports: the next one is its API's.
    if (options.sink === undefined && (options.shard !== undefined || options.sinkShards === true))
      return command.error(
        'error: --sink-shards and --shard need --sink: unix:/path/sink.sock, or host:port with the port of sink.shardPort',
        { exitCode: Exit.usage },
      );
    print(configText(options).trimEnd());
  });
}

function addSpeaker(config: Command): void {
  config
    .requiredOption('--service <name>', 'the service behind this Envoy')
    .option('--instance <name>', 'one of its instances (default: the host name Envoy sees)')
    .option('--service-version <text>', 'the version that runs')
    .option(
      '--carry-env <names>',
      'variables whose values recordings keep for the replay (feature flags, a region); Envoy needs them in its own environment',
      (text: string, former: readonly string[]) => [...former, ...text.split(',').map((name) => name.trim())],
      [],
    );
}

function addSink(config: Command): void {
  config
    .option('--envoy-version <version>', 'what runs where this goes', '1.40')
    .option('--target <target>', 'snippets, or sidecar: a whole configuration', parseTarget, 'snippets')
    .option('--sink <address>', 'where loopd listens: host:port or unix:/path (default: 127.0.0.1:5678)')
    .option(
      '--sink-tls <ca[,cert=file,key=file][,name=host]>',
      'loopd has sink.tls: files of this Envoy, with the authority of its certificate, what to show if it asks, and its name if that is not the host of --sink',
      parseSinkTls,
    )
    .option(
      '--sink-shards',
      'loopd has several workers (recorder.workers): take the shard of this service and instance; --sink is then the first shard',
    )
    .option('--shard <number>', 'the same, and which shard: 0 to 15', Number)
    .option('--attempts', 'record each attempt of a call that Envoy retries, not only their number');
}

function addSidecar(config: Command): void {
  config
    .option('--inbound <address>', 'sidecar: where callers come in', '0.0.0.0:15006')
    .option('--app <address>', 'sidecar: where the service listens', '127.0.0.1:8080')
    .option('--outbound <address>', 'sidecar: HTTP proxy for what the service calls', '127.0.0.1:15001')
    .option('--admin <address>', 'sidecar: admin interface', '127.0.0.1:15000')
    .option(
      '--http <name=host@address[,tls=ca-file]>',
      'sidecar: an HTTP upstream, over TLS with an authority; repeat',
      collectHttp,
      [],
    )
    .option(
      '--tcp <name=protocol:peer@address,listen=address[,tls=ca-file]>',
      'a database or broker (postgres, redis, or any other name: recorded unread), over TLS with an authority; repeat',
      collectTcp,
      [],
    );
}

function configText(options: EnvoyOptions): string {
  const speaker = {
    service: options.service,
    ...(options.instance !== undefined && { instance: options.instance }),
    ...(options.serviceVersion !== undefined && { version: options.serviceVersion }),
    ...(options.carryEnv.length > 0 && { environment: options.carryEnv }),
  };
  const capture = {
    speaker,
    sink: sinkOf(options),
    ...(options.sinkTls !== undefined && { sinkTls: options.sinkTls }),
    envoyVersion: parseVersion(options.envoyVersion),
    tcp: options.tcp,
    ...(options.attempts === true && { attempts: true }),
  };
  if (options.target === 'snippets') return snippetsYaml(capture);
  return sidecarYaml({
    ...capture,
    admin: parseAddress(options.admin),
    inbound: { listen: parseAddress(options.inbound), app: parseAddress(options.app) },
    ...(options.http.length > 0 &&
      options.outbound !== undefined && {
        outbound: { listen: parseAddress(options.outbound), upstreams: options.http },
      }),
  });
}

/** Whatever an instance sends has to meet in one recorder. */
function sinkOf({ sink, sinkShards, shard, service, instance }: EnvoyOptions): Address {
  const first = parseAddress(sink ?? '127.0.0.1:5678');
  if (shard !== undefined) return shardAddress(first, shard);
  return sinkShards === true ? shardAddress(first, shardOf(service, instance)) : first;
}

function parseSinkTls(text: string): SinkTls {
  const [ca = '', ...rest] = text.split(',');
  const named = new Map(rest.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  const [cert, key, name] = ['cert', 'key', 'name'].map((word) => named.get(word));
  const isWhole = ca !== '' && (cert === undefined) === (key === undefined);
  if (!isWhole || [...named].some(([word, value]) => value === '' || !['cert', 'key', 'name'].includes(word)))
    throw new InvalidArgumentError('for example /etc/loop/ca.pem,cert=/etc/loop/orders.pem,key=/etc/loop/orders.key');
  const own = cert !== undefined && key !== undefined && { own: { cert, key } };
  return { ca, ...own, ...(name !== undefined && { name }) };
}

function parseTarget(text: string): 'snippets' | 'sidecar' {
  if (text === 'snippets' || text === 'sidecar') return text;
  throw new InvalidArgumentError('snippets or sidecar');
}

function collectHttp(text: string, former: readonly HttpUpstream[]): readonly HttpUpstream[] {
  const [, name, host, address, ca] = /^([^=]+)=([^@]+)@([^,]+)(?:,tls=(.+))?$/.exec(text) ?? [];
  if (name === undefined || host === undefined || address === undefined)
    throw new InvalidArgumentError(
      'for example pricing=pricing.shop@10.0.0.7:8080, or rates=rates.example.com@203.0.113.9:443,tls=/etc/ssl/cert.pem',
    );
  const tls = ca === undefined ? {} : { tls: { ca } };
  return [...former, { name, hosts: [host], address: parseAddress(address), ...tls }];
}

function collectTcp(text: string, former: readonly TcpUpstream[]): readonly TcpUpstream[] {
  const [, name, protocol, peer, address, listen, ca] =
    /^([^=]+)=([a-z][a-z0-9-]*):([^@]+)@([^,]+),listen=([^,]+)(?:,tls=(.+))?$/.exec(text) ?? [];
  if (
    name === undefined ||
    protocol === undefined ||
    peer === undefined ||
    address === undefined ||
    listen === undefined
  ) {
    throw new InvalidArgumentError(
      'for example db=postgres:postgres.shop:5432@10.0.0.9:5432,listen=127.0.0.1:15432, and ,tls=/etc/ssl/cert.pem behind it for TLS from the sidecar on',
    );
  }
  const tls = ca === undefined ? {} : { tls: { ca } };
  return [...former, { name, protocol, peer, address: parseAddress(address), listen: parseAddress(listen), ...tls }];
}
