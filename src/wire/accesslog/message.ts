import { FieldWalk } from '../protobuf/fields.ts';
import type { FieldFault } from '../protobuf/fields.ts';

/** One StreamAccessLogsMessage, with its entries where they lie. */
export interface LogMessage {
  /** On the first message of a call: which Envoy speaks. */
  readonly node?: { readonly id: string; readonly cluster: string };
  /** Entries of HTTP exchanges. Those of TCP connections are not read: the log of the tunnel they go through says more. */
  readonly entries: readonly { readonly start: number; readonly end: number }[];
}

export interface LogMessageFault {
  readonly fault: FieldFault;
  readonly offset: number;
}

const message = new FieldWalk();
const inner = new FieldWalk();
const node = new FieldWalk();
const utf8 = new TextDecoder();

/** {Identifier {Node {id 1, cluster 2} 1} 1, HTTPAccessLogEntries {log_entry 1} 2}. Entries themselves are not looked at. */
export function readLogMessage(bytes: Uint8Array): LogMessage | LogMessageFault {
  const entries: { start: number; end: number }[] = [];
  let speaker: LogMessage['node'];
  message.over(bytes, 0, bytes.length);
  while (message.next()) {
    if (!message.isBytes(1) && !message.isBytes(2)) continue;
    const identifier = message.field === 1;
    inner.over(bytes, message.start, message.end);
    while (inner.next()) {
      if (!inner.isBytes(1)) continue;
      if (identifier) speaker = readNode(bytes);
      else entries.push({ start: inner.start, end: inner.end });
    }
    if (inner.fault !== undefined) return { fault: inner.fault, offset: inner.end };
  }
  if (message.fault !== undefined) return { fault: message.fault, offset: message.end };
  return { ...(speaker && { node: speaker }), entries };
}

function readNode(bytes: Uint8Array): { readonly id: string; readonly cluster: string } {
  const found = { id: '', cluster: '' };
  node.over(bytes, inner.start, inner.end);
  while (node.next()) {
    if (node.isBytes(1)) found.id = utf8.decode(bytes.subarray(node.start, node.end));
    else if (node.isBytes(2)) found.cluster = utf8.decode(bytes.subarray(node.start, node.end));
  }
  return found;
}
