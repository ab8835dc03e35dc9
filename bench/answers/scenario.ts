/**
 * What the client of this benchmark asks, when it is recorded and again. Each question has a key: its answer is right when it is what the
 * upstream says to that question, whatever ids and times stand in it.
 */
export type Turn = 'record' | 'again';

export interface Asked {
  readonly key: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: Readonly<Record<string, string | number>>;
}

export interface Told {
  readonly group: string;
  readonly key: string;
  /** `POST /quotes` */
  readonly asked: string;
  /** 0: the connection broke off. */
  readonly status: number;
  readonly body: string;
}

export interface Group {
  readonly name: string;
  /** How many connections; all questions of the group are asked at once when there are several. */
  readonly connections: number;
  readonly asked: readonly Asked[];
}

/** What a run makes anew. */
export interface Fresh {
  uuid(): string;
  /** Unix ms. */
  now(): number;
}

const FIVE = [1, 2, 3, 4, 5];
const EIGHT = [1, 2, 3, 4, 5, 6, 7, 8];

export const NEVER = 'never recorded';

export function groups(turn: Turn, fresh: Fresh): readonly Group[] {
  const again = turn === 'again';
  const inOrder = <Value>(values: readonly Value[]): readonly Value[] => (again ? values.toReversed() : values);
  const post = (key: string, path: string, body?: Asked['body']): Asked => ({
    key,
    method: 'POST',
    path,
    ...(body && { body }),
  });
  const get = (key: string, path: string): Asked => ({ key, method: 'GET', path });
  const orders = FIVE.map((n) => ({ n, id: fresh.uuid() }));
  return [
    ...(again ? [neverFirst(fresh)] : []),
    { name: 'ordered repeats', connections: 1, asked: [1, 2, 3, 4].map((n) => post(`ticket ${n}`, '/tickets')) },
    {
      name: 'fresh uuid in body',
      connections: 1,
      asked: FIVE.map((n) => post(`entry ${n}`, '/entries', { id: fresh.uuid(), cents: n * 100 })),
    },
    {
      name: 'fresh time in body',
      connections: 1,
      asked: FIVE.map((n) =>
        post(`reading ${n}`, '/readings', { at: new Date(fresh.now()).toISOString(), sensor: `s${n}` }),
      ),
    },
    {
      name: 'fresh uuid in path',
      connections: 1,
      asked: orders.flatMap(({ n, id }) => [
        { key: `order ${n}`, method: 'PUT', path: `/orders/${id}`, body: { sku: `k${n}` } },
        get(`order ${n} read`, `/orders/${id}`),
      ]),
    },
    {
      name: 'fresh time in path',
      connections: 1,
      asked: FIVE.map((n) => get(`usage ${n}`, `/usage/${fresh.now()}/s${n}`)),
    },
    {
      name: 'reordered concurrent calls',
      connections: 8,
      asked: inOrder(EIGHT).map((n) => post(`quote ${n}`, '/quotes', { sku: `k${n}`, quantity: n })),
    },
    {
      name: 'reordered, with fresh ids',
      connections: 8,
      asked: inOrder(EIGHT).map((n) =>
        post(`transfer ${n}`, '/transfers', { idempotency: fresh.uuid(), amount: n * 10 }),
      ),
    },
    {
      name: 'changed pool size',
      connections: again ? 2 : 8,
      asked: inOrder(EIGHT).map((n) => get(`price ${n}`, `/prices/${n}`)),
    },
    ...(again ? [neverLast(fresh)] : []),
  ];
}

/** While the recorded answers of the same path are all still to be had. */
function neverFirst(fresh: Fresh): Group {
  return {
    name: NEVER,
    connections: 1,
    asked: [
      { key: 'unknown price', method: 'GET', path: '/prices/999' },
      { key: 'unknown quote', method: 'POST', path: '/quotes', body: { sku: 'never', quantity: 1 } },
      { key: 'unknown entry', method: 'POST', path: '/entries', body: { id: fresh.uuid(), cents: 31_337 } },
    ],
  };
}

function neverLast(fresh: Fresh): Group {
  return {
    name: NEVER,
    connections: 1,
    asked: [
      { key: 'unknown order', method: 'PUT', path: `/orders/${fresh.uuid()}`, body: { sku: 'never' } },
      {
        key: 'unknown transfer',
        method: 'POST',
        path: '/transfers',
        body: { idempotency: fresh.uuid(), amount: 31_337 },
      },
      { key: 'unknown path', method: 'GET', path: '/secrets' },
    ],
  };
}

/** What the upstream says, by its own state: the tickets it has given. */
export function upstreamAnswer(
  method: string,
  path: string,
  body: string,
  tickets: { next(): number },
): object | undefined {
  const [, collection = '', id = '', last = ''] = path.split('/');
  const asked = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
  const number = (text: unknown): number => Number(String(text).replace(/\D/g, ''));
  switch (`${method} ${collection}`) {
    case 'POST tickets':
      return { ticket: tickets.next() };
    case 'POST entries':
      return { entry: asked['id'], accepted: asked['cents'] };
    case 'POST readings':
      return { sensor: asked['sensor'], value: number(asked['sensor']) * 7 };
    case 'PUT orders':
      return { order: id, sku: asked['sku'], state: 'new' };
    case 'GET orders':
      return { order: id, state: 'open', total: known(id) };
    case 'GET usage':
      return { sensor: last, used: number(last) * 11 };
    case 'POST quotes':
      return { sku: asked['sku'], cents: number(asked['sku']) * number(asked['quantity']) * 50 };
    case 'POST transfers':
      return { transfer: asked['idempotency'], amount: asked['amount'], fee: Number(asked['amount']) / 10 };
    case 'GET prices':
      return { price: number(id) * 125 };
    default:
      return undefined;
  }
}

/** Of its id alone, so that it is nobody else's. */
function known(id: string): number {
  return Number.parseInt(id.slice(0, 6), 16);
}

/**
 * Whether this is the answer to that question. `recorded` is the answer to the question of that key when it was recorded. Ids may be the
 * recorded ones or those of this run.
 */
export function isRight(told: Told, recorded: Told | undefined): boolean {
  if (recorded === undefined || told.status !== recorded.status) return false;
  return withoutIds(told.body) === withoutIds(recorded.body);
}

function withoutIds(body: string): string {
  return body.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'id');
}
