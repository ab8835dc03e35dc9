/** A Postgres connection as the recorder keeps it: segments of a tunnel. */
import type { Segment, SegmentKind } from '../../src/domain/segment.ts';
import { encodeHeaders } from '../../src/wire/extproc/headers.ts';
import { encodeEnd } from '../../src/wire/segments/record.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from './extproc.ts';
import type { Sent } from './postgres-wire.ts';
import { T0 } from './transaction.ts';

export interface ConnectionOf {
  readonly stream: number;
  readonly service: string;
  /** The inbound exchange it works for. */
  readonly owner: number;
  readonly sent: readonly Sent[];
  /** Cuts what each side sent into pieces of so many bytes. */
  readonly pieceBytes?: number;
  readonly protocol?: string;
  readonly authority?: string;
}

export function connectionSegments(of: ConnectionOf): readonly Segment[] {
  const {
    stream,
    service,
    owner,
    sent,
    pieceBytes = Infinity,
    protocol = 'postgres',
    authority = 'postgres:5432',
  } = of;
  const metadata = { service, instance: `${service}-1`, direction: 'outbound', protocol };
  const opened = encodeHeaders(Object.entries(metadata).map(([name, value]) => ({ name: `x-loop-${name}`, value })));
  const piece = (kind: SegmentKind, payload: Uint8Array) => ({ kind, payload });
  const bodies = sent.flatMap(({ side, bytes }) =>
    cut(bytes, pieceBytes).map((part) => piece('message', side === 'client' ? requestBody(part) : responseBody(part))),
  );
  const pieces = [
    piece('opened', opened),
    piece('message', requestHeaders({ ':method': 'CONNECT', ':authority': authority })),
    piece('message', responseHeaders({ ':status': '200' })),
    ...bodies,
    piece('ended', encodeEnd('closed')),
  ];
  return pieces.map((one, sequence) => ({ ...one, stream, sequence, at: T0 + 2, flags: 0, openInbound: 1, owner }));
}

function cut(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  if (bytes.length <= size) return [bytes];
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}
