/** Who a capturing call speaks for: its metadata when the sidecar's configuration names them, else Envoy's own attributes. */
import type { Direction, Header, Vantage } from '../../domain/exchange.ts';
import { header } from '../../domain/exchange.ts';

export interface Speaker {
  readonly vantage: Vantage;
  /** `http`, or a conversation's protocol. */
  readonly protocol: string;
  /** It is no exchange but one try of the router to have an outbound one answered (the filter stands behind the router). */
  readonly attempt?: true;
}

/** True when the metadata alone names service and direction, so that nothing has to wait for the first message. */
export function namesSpeaker(metadata: readonly Header[]): boolean {
  return header(metadata, 'x-loop-service') !== undefined && header(metadata, 'x-loop-direction') !== undefined;
}

/** `attributes` are those of the first message: xds.node.cluster, xds.node.id, xds.listener_direction (1 inbound, 2 outbound). */
export function speakerOf(metadata: readonly Header[], attributes: Readonly<Record<string, string>>): Speaker {
  const service = header(metadata, 'x-loop-service') ?? attributes['xds.node.cluster'] ?? 'unknown';
  const version = header(metadata, 'x-loop-version');
  const vantage = {
    service,
    instance: header(metadata, 'x-loop-instance') ?? attributes['xds.node.id'] ?? service,
    ...(version !== undefined && version !== '' && { version }),
    direction: directionOf(header(metadata, 'x-loop-direction'), attributes['xds.listener_direction']),
  };
  const protocol = header(metadata, 'x-loop-protocol') ?? 'http';
  const attempt = protocol === 'http' && header(metadata, 'x-loop-role') === 'attempt';
  return { vantage, protocol, ...(attempt && { attempt }) };
}

function directionOf(named: string | undefined, listener: string | undefined): Direction {
  if (named !== undefined) return named === 'outbound' ? 'outbound' : 'inbound';
  return listener === '2' ? 'outbound' : 'inbound';
}
