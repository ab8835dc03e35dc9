/** The segments of one tunnelled TCP connection → a conversation. */
import type { Bytes, Conversation } from '../domain/conversation.ts';
import type { Vantage } from '../domain/exchange.ts';
import { header } from '../domain/exchange.ts';
import { streamId } from '../domain/ids.ts';
import { flagNames } from '../wire/extproc/flags.ts';
import { Part } from '../wire/extproc/scanned.ts';
import type { StreamContent } from './exchange.ts';
import { splitAuthority } from '../domain/authority.ts';
import type { RecordedStream } from './streams.ts';

/**
 * Envoy tunnels the connection as CONNECT: request body is what the client sent, response body what the server sent. A CONNECT that was
 * not answered 200 carried no database byte: its body is Envoy's own error text (docs/ENVOY.md).
 */
export function buildConversation(
  stream: RecordedStream,
  content: StreamContent,
  vantage: Vantage,
  protocol: string,
): Conversation {
  const opening = content.messages.find(({ message }) => message.part === Part.requestHeaders)?.message;
  const answer = content.messages.find(({ message }) => message.part === Part.responseHeaders)?.message;
  const status = answer?.headers && header(answer.headers, ':status');
  const refused = status !== undefined && status !== '200';
  // Without any message only the log tells of it.
  const logged = opening === undefined ? content.logged?.entry : undefined;
  const attributes = { ...logged?.attributes, ...opening?.attributes, ...answer?.attributes };
  const peer = splitAuthority(
    (opening?.headers && header(opening.headers, ':authority')) ?? attributes['request.host'] ?? '',
    attributes['xds.cluster_name'],
    0,
  );
  const address = attributes['upstream.address'];
  return {
    kind: 'conversation',
    id: stream.id,
    vantage,
    peer: { ...peer, ...(address && { address }) },
    protocol,
    state: stream.state.map((segment) => ({
      side: segment.payload[0] === 1 ? 'server' : 'client',
      at: segment.at,
      bytes: segment.payload.subarray(1),
      openInbound: 0,
    })),
    bytes: refused ? [] : tunnelledBytes(stream, content),
    startedAt: Math.min(stream.segments[0]?.at ?? 0, logged?.startedAt ?? Infinity),
    endedAt: content.endedAt,
    ...(refused && { refused: [status, ...flagNames(Number(attributes['response.flags'] ?? 0))].join(' ') }),
    ...(content.logged && { flags: flagNames(content.logged.entry.flags) }),
    gaps: content.gaps,
  };
}

function tunnelledBytes(stream: RecordedStream, content: StreamContent): readonly Bytes[] {
  return content.messages.flatMap(({ message, at, openInbound, owner, anchor, lostBefore }) => {
    if (message.body === undefined || message.body.length === 0) return [];
    const side = message.part === Part.requestBody ? ('client' as const) : ('server' as const);
    return [
      {
        side,
        at,
        bytes: message.body,
        openInbound,
        ...(owner !== 0 && { owner: streamId(stream.recorder, owner) }),
        ...(anchor && { anchor }),
        ...(lostBefore && { lostBefore }),
      },
    ];
  });
}
