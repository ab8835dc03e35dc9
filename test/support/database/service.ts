// A service with one connection to Postgres that it opens when it starts and keeps. What it is asked over HTTP it does in the database;
// `/fail…` fails with what the database said, so that Loop keeps it.
import { createServer } from 'node:http';
import pg from 'pg';

const { PORT, PGHOST, PGPORT, TLS_CA, EAGER, SIZE } = process.env;
const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client({
    host: PGHOST,
    port: Number(PGPORT),
    user: 'app',
    password: 'secret-of-app',
    database: 'postgres',
    ssl: TLS_CA === undefined ? false : { rejectUnauthorized: false },
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

let connecting = EAGER === '1' ? connect() : undefined;
const STOCK = { name: 'stock-of', text: 'select sku, stock, sold from stock where sku = $1' };

function rowsOf({ rows }: pg.QueryResult): unknown {
  return rows;
}

/** What a route answers with. Sessions are set up by routes of their own: in a replay they are not asked. */
const ROUTES: Readonly<Record<string, (client: pg.Client) => Promise<unknown>>> = {
  '/reconnect': async (client) => rowsOf(await client.query('select 1 as one')),
  '/set': (client) => client.query("set datestyle to 'German, DMY'"),
  '/prepare': async (client) => rowsOf(await client.query({ ...STOCK, values: ['mug'] })),
  '/fail': async (client) => rowsOf(await client.query({ ...STOCK, values: ['cup'] })),
  '/fail-date': async (client) =>
    rowsOf(await client.query('select sold::text as sold from stock where sku = $1', ['cup'])),
  '/fail-big': async (client) => {
    const text = 'select n, repeat(md5(n::text), 2048) as filler from generate_series(1, $1::int) n';
    const { rows } = await client.query<{ filler: string }>(text, [Number(SIZE)]);
    return { rows: rows.length, bytes: rows.reduce((sum, { filler }) => sum + filler.length, 0) };
  },
};

const server = createServer((request, response) => {
  const answer = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (request.url === '/reconnect') {
    void connecting?.then((client) => client.end());
    connecting = connect();
  }
  const route = ROUTES[request.url ?? ''];
  if (route === undefined) return answer(200, {});
  connecting ??= connect();
  connecting.then(route).then(
    (value) => answer(request.url?.startsWith('/fail') === true ? 500 : 200, value),
    (error: unknown) => answer(503, { error: error instanceof Error ? error.message : '' }),
  );
});
const listen = (): void => {
  server.listen(Number(PORT), '127.0.0.1', () => {
    const address = server.address();
    process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
  });
};
if (connecting === undefined) listen();
else void connecting.then(listen, listen);
