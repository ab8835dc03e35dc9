// An order service as people write them: a pool of connections, a transaction per order, a statement that is prepared once per connection.
// `/orders` takes {order, customer, items: [{sku, quantity}]}. What a statement was for stands in LEDGER, which nothing but the test reads.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import pg from 'pg';

interface Item {
  readonly sku: string;
  readonly quantity: number;
}

interface Order {
  readonly order: string;
  readonly customer: number;
  readonly items: readonly Item[];
}

const { PORT, LEDGER, COMMENTS, PGHOST, PGPORT, POOL } = process.env;
const pool = new pg.Pool({
  host: PGHOST,
  port: Number(PGPORT),
  user: 'app',
  password: 'secret-of-app',
  database: 'postgres',
  ssl: false,
  max: Number(POOL ?? 5),
});

/** Marks a statement so that the server's log shows it; the mark says something to nobody but the ledger. */
function marked(sql: string, order: Order, traceparent: string): string {
  const comment = COMMENTS === 'traceparent' ? ` /*traceparent='${traceparent}'*/` : '';
  return `${sql} /* ${noted(order)} */${comment}`;
}

function noted(order: Order): string {
  const mark = `mark-${randomBytes(9).toString('hex')}`;
  if (LEDGER !== undefined) appendFileSync(LEDGER, `${JSON.stringify({ mark, order: order.order })}\n`);
  return mark;
}

async function place(order: Order, traceparent: string): Promise<{ readonly total: number }> {
  const say = (sql: string): string => marked(sql, order, traceparent);
  await pool.query(say("select rate from rates where currency = 'EUR'"));
  await pool.query(say('select name from customers where id = $1'), [order.customer]);
  const client = await pool.connect();
  try {
    await client.query(say('begin'));
    let total = 0;
    for (const { sku, quantity } of order.items) {
      const priced = await client.query<{ price: string }>({
        name: 'price-of',
        text: 'select price from products where sku = $1',
        values: [sku],
      });
      total += Number(priced.rows[0]?.price) * quantity;
    }
    const insert = 'insert into orders(id, customer, total) values ($1, $2, $3)';
    await client.query(say(insert), [order.order, order.customer, total]);
    for (const { sku, quantity } of order.items) {
      const reserve = 'update products set stock = stock - $1 where sku = $2 returning stock';
      await client.query(say(reserve), [quantity, sku]);
    }
    await client.query(say('select count(*) from orders where customer = $1'), [order.customer]);
    await client.query(say('commit'));
    return { total: Math.round(total * 100) / 100 };
  } catch (error) {
    await client.query(say('rollback'));
    throw error;
  } finally {
    client.release();
  }
}

const server = createServer((request, response) => {
  const answer = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (request.url === '/healthz') return answer(200, {});
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const order = JSON.parse(Buffer.concat(chunks).toString()) as Order;
    place(order, String(request.headers['traceparent'])).then(
      ({ total }) => answer(200, { order: order.order, total }),
      (error: unknown) => answer(500, { order: order.order, error: error instanceof Error ? error.message : '' }),
    );
  });
});
server.listen(Number(PORT), '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
