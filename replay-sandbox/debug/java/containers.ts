/** The members of the platform's collections, by the fields they have in OpenJDK 8 to 25. */
import type { TaggedValue } from './fields.ts';
import type { JavaMachine } from './machine.ts';
import { NULL, elementsOf, fieldsOf } from './objects.ts';

export type Members =
  | { readonly kind: 'list' | 'set'; readonly size: number; readonly items: readonly TaggedValue[] }
  | { readonly kind: 'map'; readonly size: number; readonly entries: readonly (readonly [TaggedValue, TaggedValue])[] }
  /** It only stands in front of another. */
  | { readonly kind: 'wrapper'; readonly value: TaggedValue };

type Fields = ReadonlyMap<string, TaggedValue>;
type Read = (machine: JavaMachine, fields: Fields) => Promise<Members>;

/** Of a hash table's buckets, most of which are empty. */
const BUCKETS = 256;
/** One more than is shown, so that it is known that there are more. */
const ITEMS = 11;
/** No balanced tree is as deep; one whose branches lead back to it would be. */
const DEPTH = 64;

const number = (value: TaggedValue | undefined): number => (value?.kind === 'primitive' ? Number(value.text) : 0);
const isThere = (value: TaggedValue): boolean => value.kind !== 'null';

const list =
  (kind: 'list' | 'set', array: string, size?: string): Read =>
  async (machine, fields) => {
    const count = size === undefined ? undefined : number(fields.get(size));
    const items = await elementsOf(machine, fields.get(array), count === undefined ? BUCKETS : Math.min(count, ITEMS));
    const kept = kind === 'set' ? items.filter(isThere) : items;
    return { kind, size: count ?? kept.length, items: kept };
  };

const linked: Read = async (machine, fields) => {
  const items: TaggedValue[] = [];
  let node = await fieldsOf(machine, fields.get('first'));
  while (node.size > 0 && items.length < ITEMS) {
    items.push(node.get('item') ?? NULL);
    node = await fieldsOf(machine, node.get('next'));
  }
  return { kind: 'list', size: number(fields.get('size')), items };
};

type Entry = readonly [TaggedValue, TaggedValue];

/** A chain of entries. */
async function chain(
  machine: JavaMachine,
  first: TaggedValue | undefined,
  next: string,
  entries: Entry[],
): Promise<void> {
  let node = await fieldsOf(machine, first);
  while (node.size > 0 && entries.length < ITEMS) {
    entries.push([node.get('key') ?? NULL, node.get('value') ?? node.get('val') ?? NULL]);
    node = await fieldsOf(machine, node.get(next));
  }
}

const hashed: Read = async (machine, fields) => {
  const entries: Entry[] = [];
  for (const bucket of (await elementsOf(machine, fields.get('table'), BUCKETS)).filter(isThere)) {
    if (entries.length < ITEMS) await chain(machine, bucket, 'next', entries);
  }
  return {
    kind: 'map',
    size: Math.max(number(fields.get('size') ?? fields.get('baseCount')), entries.length),
    entries,
  };
};

const ordered: Read = async (machine, fields) => {
  const entries: Entry[] = [];
  await chain(machine, fields.get('head'), 'after', entries);
  return { kind: 'map', size: number(fields.get('size')), entries };
};

const tree: Read = async (machine, fields) => {
  const entries: Entry[] = [];
  const walk = async (value: TaggedValue | undefined, depth = 0): Promise<void> => {
    const node =
      entries.length < ITEMS && depth < DEPTH ? await fieldsOf(machine, value) : new Map<string, TaggedValue>();
    if (node.size === 0) return;
    await walk(node.get('left'), depth + 1);
    entries.push([node.get('key') ?? NULL, node.get('value') ?? NULL]);
    await walk(node.get('right'), depth + 1);
  };
  await walk(fields.get('root'));
  return { kind: 'map', size: number(fields.get('size')), entries: entries.slice(0, ITEMS) };
};

const flat: Read = async (machine, fields) => {
  const table = await elementsOf(machine, fields.get('table'), BUCKETS);
  const entries = table.flatMap((key, index): Entry[] =>
    index % 2 === 0 && isThere(key) ? [[key, table[index + 1] ?? NULL]] : [],
  );
  return { kind: 'map', size: number(fields.get('size')), entries };
};

const single: Read = async (_machine, fields) => {
  const [key, value] = [fields.get('k0') ?? fields.get('k') ?? NULL, fields.get('v0') ?? fields.get('v') ?? NULL];
  return { kind: 'map', size: 1, entries: [[key, value]] };
};

const few =
  (kind: 'list' | 'set'): Read =>
  async (_machine, fields) => {
    // The second place of one that holds one item has a mark, which is a bare Object.
    const items = ['e0', 'e1', 'element'].map((name) => fields.get(name) ?? NULL).filter(isThere);
    return { kind, size: items.length, items };
  };

/** The keys of the map a set is made of. */
const keys =
  (field: string): Read =>
  async (machine, fields) => {
    const map = fields.get(field);
    if (map?.kind !== 'object') return { kind: 'set', size: 0, items: [] };
    const members = await readMembers(machine, map);
    if (members?.kind !== 'map') return { kind: 'wrapper', value: map };
    return { kind: 'set', size: members.size, items: members.entries.map(([key]) => key) };
  };

const wrapper =
  (field: string): Read =>
  async (_machine, fields) => ({ kind: 'wrapper', value: fields.get(field) ?? NULL });
const empty =
  (kind: 'list' | 'set'): Read =>
  async () => ({ kind, size: 0, items: [] });

const CONTAINERS: Readonly<Record<string, Read>> = {
  ArrayList: list('list', 'elementData', 'size'),
  Vector: list('list', 'elementData', 'elementCount'),
  Stack: list('list', 'elementData', 'elementCount'),
  ArrayDeque: list('set', 'elements'),
  LinkedList: linked,
  Arrays$ArrayList: list('list', 'a'),
  ImmutableCollections$ListN: list('list', 'elements'),
  ImmutableCollections$List12: few('list'),
  ImmutableCollections$SetN: list('set', 'elements'),
  ImmutableCollections$Set12: few('set'),
  ImmutableCollections$MapN: flat,
  ImmutableCollections$Map1: single,
  Collections$SingletonList: few('list'),
  Collections$SingletonSet: few('set'),
  Collections$SingletonMap: single,
  Collections$EmptyList: empty('list'),
  Collections$EmptySet: empty('set'),
  HashMap: hashed,
  Hashtable: hashed,
  'concurrent.ConcurrentHashMap': hashed,
  'concurrent.CopyOnWriteArrayList': list('list', 'array'),
  LinkedHashMap: ordered,
  TreeMap: tree,
  HashSet: keys('map'),
  LinkedHashSet: keys('map'),
  TreeSet: keys('m'),
  Collections$UnmodifiableList: wrapper('list'),
  Collections$UnmodifiableRandomAccessList: wrapper('list'),
  Collections$UnmodifiableCollection: wrapper('c'),
  Collections$UnmodifiableSet: wrapper('c'),
  Collections$UnmodifiableMap: wrapper('m'),
  Collections$SynchronizedList: wrapper('list'),
  Collections$SynchronizedRandomAccessList: wrapper('list'),
  Collections$SynchronizedMap: wrapper('m'),
  Optional: wrapper('value'),
};

/** Undefined for what is no collection known here. */
async function readMembers(
  machine: JavaMachine,
  value: TaggedValue & { kind: 'object' },
): Promise<Members | undefined> {
  const signature = await machine.signature(await machine.typeOf(value.id));
  return membersOf(machine, signature.replace(/^L|;$/g, '').replaceAll('/', '.'), await fieldsOf(machine, value));
}

export async function membersOf(machine: JavaMachine, name: string, fields: Fields): Promise<Members | undefined> {
  const key = name.replace(/^java\.util\./, '');
  return key !== name && Object.hasOwn(CONTAINERS, key) ? CONTAINERS[key]?.(machine, fields) : undefined;
}
