import type { Socket } from 'node:net';

const V4_IN_V6 = '::ffff:';

/** The address the service dialled to reach this mock connection. A listener for both families sees IPv4 as ::ffff:a.b.c.d. */
export function dialledAddress(socket: Socket): string {
  const address = socket.localAddress ?? '';
  return address.startsWith(V4_IN_V6) ? address.slice(V4_IN_V6.length) : address;
}
