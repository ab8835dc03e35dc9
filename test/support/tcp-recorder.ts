/** A recording proxy: what Envoy's tunnel gives to a sink, from plain TCP. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Bytes, Conversation } from '../../src/domain/conversation.ts';
import { parseRecorderId, streamId } from '../../src/domain/ids.ts';
import { conversationProtocol } from '../../src/wire/protocols.ts';

export interface TcpRecorder {
  readonly port: number;
  /** One per connection, oldest first. Bytes and their order are the wire's; times are true. */
  conversations(): readonly Conversation[];
  /** From now on: what a recorder that copies out from the last anchor before now would give. */
  mark(): void;
  close(): Promise<void>;
}

/** As Envoy hands it on: at most 16 KiB of the client's bytes at a time. */
const CLIENT_CHUNK = 16_384;

interface Tapped {
  readonly startedAt: number;
  readonly tracker: ReturnType<NonNullable<ReturnType<typeof conversationProtocol>>['createTracker']> | undefined;
  bytes: Bytes[];
  state: Bytes[];
  cut: boolean;
}

export async function recordTcp(
  protocol: string,
  peer: string,
  target: { readonly host: string; readonly port: number },
): Promise<TcpRecorder> {
  const tapped: Tapped[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    const tap: Tapped = {
      startedAt: Date.now(),
      tracker: conversationProtocol(protocol)?.createTracker(),
      bytes: [],
      state: [],
      cut: false,
    };
    tapped.push(tap);
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('close', () => sockets.delete(socket));
    }
    relay(client, upstream, 'client', tap);
    relay(upstream, client, 'server', tap);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    conversations: () => tapped.map((tap, index) => conversationOf(tap, index, protocol, peer, target)),
    mark: () => tapped.forEach((tap) => (tap.cut = true)),
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function relay(from: Socket, to: Socket, side: Bytes['side'], tap: Tapped): void {
  from.on('data', (chunk: Buffer) => {
    const size = side === 'client' ? CLIENT_CHUNK : chunk.length;
    for (let at = 0; at < chunk.length; at += size) keep(tap, side, chunk.subarray(at, at + size));
    to.write(chunk);
  });
  from.on('error', () => to.destroy());
  from.on('close', () => to.end());
}

/** The state is taken before the tracker sees the bytes that the recording begins with. */
function keep(tap: Tapped, side: Bytes['side'], bytes: Uint8Array): void {
  const state = tap.cut ? tap.tracker?.state() : undefined;
  const anchor = tap.tracker?.bytes(side, bytes) === true;
  if (tap.cut && anchor) {
    tap.bytes = [];
    tap.state = (state ?? []).map((chunk) => ({ ...chunk, at: Date.now(), openInbound: 0 }));
    tap.cut = false;
  }
  tap.bytes.push({ side, at: Date.now(), bytes: Uint8Array.from(bytes), openInbound: 1, ...(anchor && { anchor }) });
}

function conversationOf(
  tap: Tapped,
  index: number,
  protocol: string,
  peer: string,
  target: { readonly port: number },
): Conversation {
  const recorder = parseRecorderId('00000000000000aa');
  if (recorder === undefined) throw new Error('not a recorder id');
  return {
    kind: 'conversation',
    id: streamId(recorder, index + 1),
    vantage: { service: 'shop', instance: 'shop-1', direction: 'outbound' },
    peer: { name: peer, port: target.port },
    protocol,
    state: tap.state,
    bytes: tap.cut ? [] : tap.bytes,
    startedAt: tap.startedAt,
    endedAt: Date.now(),
    gaps: [],
  };
}
