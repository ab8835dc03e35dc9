/** Pieces for an Envoy that somebody already has. */
import { accessLog } from './access-log.ts';
import { attemptFilters } from './attempts.ts';
import { captureFilter } from './capture.ts';
import type { Place } from './capture.ts';
import type { CaptureOptions, TcpUpstream } from './options.ts';
import { internalListeners } from './sidecar.ts';
import { sinkCluster } from './sink.ts';
import { tcpLoop } from './tcp.ts';
import type { Fields } from './tree.ts';
import { losses } from './version.ts';
import { toYaml } from './yaml.ts';

export interface Snippet {
  readonly name: string;
  /** Where it goes, one line each. */
  readonly where: readonly string[];
  readonly tree: Fields;
}

export interface SnippetOptions extends CaptureOptions {
  readonly tcp?: readonly TcpUpstream[];
}

const INBOUND: Place = { direction: 'inbound', protocol: 'http' };
const OUTBOUND: Place = { direction: 'outbound', protocol: 'http' };

export function snippets(options: SnippetOptions): readonly Snippet[] {
  return [
    {
      name: 'inbound-filter',
      where: [
        'http_filters of each inbound listener: the last one before the router, so that the recording holds what the application received.',
      ],
      tree: { http_filters: [captureFilter(options, INBOUND)] },
    },
    {
      name: 'outbound-filter',
      where: [
        'http_filters of each outbound listener: the first one, so that the recording holds what the application sent and got.',
      ],
      tree: { http_filters: [captureFilter(options, OUTBOUND)] },
    },
    {
      name: 'inbound-log',
      where: [
        'access_log of the same connection managers as the inbound filter, beside any you have: how each exchange ended.',
      ],
      tree: { access_log: accessLog(options, INBOUND) },
    },
    {
      name: 'outbound-log',
      where: ['access_log of the same connection managers as the outbound filter.'],
      tree: { access_log: accessLog(options, OUTBOUND, true) },
    },
    {
      name: 'sink-cluster',
      where: [
        'static_resources.clusters (or your CDS): where filters and logs send, with the settings that keep a slow sink from slowing traffic.',
      ],
      tree: { clusters: [sinkCluster(options)] },
    },
    ...(options.attempts === true ? [attemptSnippet(options)] : []),
    ...(options.tcp ?? []).map((upstream) => tcpSnippet(options, upstream)),
  ];
}

/** Snippets as YAML documents, parted by `---`, each with its place in front. */
export function snippetsYaml(options: SnippetOptions): string {
  const lost = losses(options.envoyVersion);
  return snippets(options)
    .map(({ name, where, tree }, index) => toYaml(tree, [...(index === 0 ? lost : []), `${name}: ${where.join(' ')}`]))
    .join('---\n');
}

function attemptSnippet(options: CaptureOptions): Snippet {
  return {
    name: 'attempt-filter',
    where: [
      'HttpProtocolOptions (typed_extension_protocol_options) of each cluster whose calls are retried, beside the protocols that are chosen there: each attempt by itself.',
    ],
    tree: { http_filters: attemptFilters(options) },
  };
}

function tcpSnippet(options: CaptureOptions, upstream: TcpUpstream): Snippet {
  const { listeners, clusters } = tcpLoop(options, upstream);
  return {
    name: `tcp-${upstream.name}`,
    where: [
      'bootstrap_extensions, static_resources.listeners and .clusters:',
      `the application connects to the first listener instead of to ${upstream.peer}.`,
    ],
    tree: { bootstrap_extensions: [internalListeners()], static_resources: { listeners, clusters } },
  };
}
