/**
 * The recorded servers as a cluster: what is said of addresses leads back into the sandbox, and a client that asks for the slots, as it does
 * when it starts, learns them from the keys that each server was asked for.
 */
import type { Conversation } from '../../../../src/domain/conversation.ts';
import type { Peer } from '../../../../src/domain/exchange.ts';
import type { Backend } from '../../../../src/wire/redis/backend.ts';
import { frameOf } from '../../../../src/wire/redis/framing.ts';
import { decodeFrontend, nameOf } from '../../../../src/wire/redis/frontend.ts';
import { keysOf } from '../../../../src/wire/redis/language/commands.ts';
import { SLOTS, slotOf } from '../../../../src/wire/redis/language/slots.ts';
import type { CommandAnswer } from '../../../match/command.ts';
import type { Question } from '../../../match/redis/recorded.ts';
import { array, bulk, integer } from '../handshake.ts';

export interface ClusterNodes {
  /** The reply with every address of a recorded server as the name it was dialled by; other addresses stay. */
  named(reply: Backend, asked: Question): Backend;
  /** The reply to CLUSTER SLOTS and CLUSTER INFO; undefined for another question, and when only one server was recorded. */
  madeUp(asked: Question): Backend | undefined;
}

interface Node {
  readonly name: string;
  readonly port: number;
}

const PORT = 6379;
/** What clients wait for before they ask anything. */
const INFO = `cluster_enabled:1\r\ncluster_state:ok\r\ncluster_slots_assigned:${SLOTS}\r\n`;
const REDIRECTION = /^((?:MOVED|ASK) \d+ )(\S+)$/;

export function clusterNodes(answers: readonly CommandAnswer[], conversations: readonly Conversation[]): ClusterNodes {
  const byAddress = new Map<string, Node>();
  for (const { peer } of conversations) if (peer.address !== undefined) byAddress.set(peer.address, nodeOf(peer));
  const nameOfNode = (host: string, port: string): Node | undefined => byAddress.get(`${host}:${port}`);
  return {
    named: (reply, asked) => (byAddress.size === 0 ? reply : named(reply, asked, nameOfNode)),
    madeUp(asked) {
      const slots = asked.name === 'CLUSTER SLOTS' || asked.name === 'CLUSTER INFO' ? slotsOf(answers) : undefined;
      return slots === undefined || asked.name === 'CLUSTER SLOTS' ? slots : bulk(INFO);
    },
  };
}

function nodeOf({ name, port }: Peer): Node {
  return { name, port: port ?? PORT };
}

type Lookup = (host: string, port: string) => Node | undefined;

function named(reply: Backend, { name }: Question, lookup: Lookup): Backend {
  if (reply.kind === 'error') return redirection(reply, lookup);
  return /^(?:CLUSTER|SENTINEL)/.test(name) ? addresses(reply, lookup) : reply;
}

function redirection(reply: Extract<Backend, { readonly data: Uint8Array }>, lookup: Lookup): Backend {
  const [, start = '', address = ''] = REDIRECTION.exec(Buffer.from(reply.data).toString('latin1')) ?? [];
  const at = address.lastIndexOf(':');
  const node = at === -1 ? undefined : lookup(address.slice(0, at), address.slice(at + 1));
  return node === undefined ? reply : { ...reply, data: Buffer.from(`${start}${node.name}:${node.port}`) };
}

/** A host directly before its port, in any list. */
function addresses(reply: Backend, lookup: Lookup): Backend {
  if (reply.kind !== 'array') return reply;
  const items = reply.items.map((item) => addresses(item, lookup));
  for (const [at, item] of items.entries()) {
    const port = items[at + 1];
    if (item.kind !== 'bulk' || port === undefined) continue;
    const node = lookup(Buffer.from(item.data).toString(), portIn(port));
    if (node === undefined) continue;
    items[at] = bulk(node.name);
    items[at + 1] = port.kind === 'integer' ? integer(node.port) : bulk(String(node.port));
  }
  return { kind: 'array', items };
}

function portIn(reply: Backend): string {
  if (reply.kind === 'integer') return String(reply.value);
  return reply.kind === 'bulk' ? Buffer.from(reply.data).toString('latin1') : '';
}

/** Between two known slots of different servers nobody knows where the border was: it is drawn before the second. */
function slotsOf(answers: readonly CommandAnswer[]): Backend | undefined {
  const known = new Map<number, Node>();
  for (const { command } of answers) {
    if (command.error?.code === 'MOVED') continue;
    for (const slot of slotsAsked(command.request[0])) known.set(slot, nodeOf(command.peer));
  }
  const sorted = [...known].toSorted(([one], [other]) => one - other);
  if (new Set([...known.values()].map(({ name, port }) => `${name}:${port}`)).size < 2) return undefined;
  const ranges: Backend[] = [];
  for (const [index, [slot, node]] of sorted.entries()) {
    const next = sorted[index + 1];
    const last = next === undefined ? SLOTS - 1 : next[0] - 1;
    const id = bulk(Buffer.from(`${node.name}:${node.port}`).toString('hex').padEnd(40, '0').slice(0, 40));
    ranges.push(array(integer(index === 0 ? 0 : slot), integer(last), array(bulk(node.name), integer(node.port), id)));
  }
  return array(...ranges);
}

function slotsAsked(bytes: Uint8Array | undefined): readonly number[] {
  const asked = bytes && decodeFrontend(frameOf('client', bytes));
  if (asked === undefined || nameOf(asked) === '') return [];
  return keysOf(asked).flatMap((at) => (asked.args[at] === undefined ? [] : [slotOf(asked.args[at])]));
}
