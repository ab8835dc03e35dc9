/** The sandbox's resolver, over UDP and TCP. */
import type { Socket } from 'node:net';
import type { Isolation } from '../../isolate/isolation.ts';
import type { AddressBook } from '../names.ts';
import type { Refusal } from '../refusal.ts';
import { answerQuery } from './answer.ts';

const DNS_PORT = 53;
/** RFC 1035 section 4.2.2: over TCP a message has its length in front. */
const LENGTH_BYTES = 2;

export async function serveDns(
  isolation: Isolation,
  book: AddressBook,
  refused: (refusal: Refusal) => void,
): Promise<void> {
  const answer = (query: Uint8Array): Uint8Array | undefined => {
    const reply = answerQuery(query, book);
    for (const name of reply?.unknown ?? [])
      refused({ kind: 'dns', target: name, reason: 'this name was not recorded' });
    return reply?.bytes;
  };
  const udp = await isolation.listenUdp(DNS_PORT);
  udp.on('message', (query, from) => {
    const reply = answer(query);
    if (reply !== undefined) udp.send(reply, from.port, from.address);
  });
  const tcp = await isolation.listen(DNS_PORT, 'mocks');
  tcp.on('connection', (socket) => serveStream(socket, answer));
}

function serveStream(socket: Socket, answer: (query: Uint8Array) => Uint8Array | undefined): void {
  let pending = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= LENGTH_BYTES && pending.length >= LENGTH_BYTES + pending.readUInt16BE(0)) {
      const end = LENGTH_BYTES + pending.readUInt16BE(0);
      const reply = answer(pending.subarray(LENGTH_BYTES, end));
      pending = pending.subarray(end);
      if (reply === undefined) return void socket.destroy();
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    }
  });
}
