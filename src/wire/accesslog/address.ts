import { FieldWalk } from '../protobuf/fields.ts';

const outer = new FieldWalk();
const inner = new FieldWalk();
const utf8 = new TextDecoder();

/**
 * core.v3.Address as Envoy prints it in attributes: `10.0.0.7:51234`, `[::1]:80`, a path, `envoy://listener/endpoint`. Empty for what is
 * none of them.
 */
export function readAddress(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  outer.over(bytes, start, end);
  while (outer.next()) {
    if (outer.isBytes(1)) text = socketAddress(bytes);
    else if (outer.isBytes(2)) text = textAt(bytes, 1);
    else if (outer.isBytes(3)) text = `envoy://${textAt(bytes, 1)}/${textAt(bytes, 2)}`;
  }
  return text;
}

/** SocketAddress {address 2, port_value 3}. */
function socketAddress(bytes: Uint8Array): string {
  const host = textAt(bytes, 2);
  let port = 0;
  inner.over(bytes, outer.start, outer.end);
  while (inner.next()) if (inner.isVarint(3)) port = inner.value;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function textAt(bytes: Uint8Array, field: number): string {
  let text = '';
  inner.over(bytes, outer.start, outer.end);
  while (inner.next()) if (inner.isBytes(field)) text = utf8.decode(bytes.subarray(inner.start, inner.end));
  return text;
}
