/** What pricing asks its database. Every function takes something with `query`: the pool, or a client inside a transaction. */

const PRODUCT = 'sku, name, price_cents AS "priceCents", stock';

export async function listProducts(db, search, limit) {
  const { rows } = await db.query(`SELECT ${PRODUCT} FROM products WHERE name ILIKE $1 ORDER BY sku LIMIT $2`, [
    `%${search}%`,
    limit,
  ]);
  return rows;
}

export async function findProduct(db, sku) {
  const { rows } = await db.query(`SELECT ${PRODUCT} FROM products WHERE sku = $1`, [sku]);
  return rows[0];
}

export async function insertCart(db, customer, lines) {
  const { rows } = await db.query('INSERT INTO carts (customer) VALUES ($1) RETURNING id', [customer]);
  const { id } = rows[0];
  for (const [position, { sku, quantity }] of lines.entries()) {
    await db.query('INSERT INTO cart_lines (cart_id, position, sku, quantity) VALUES ($1, $2, $3, $4)', [
      id,
      position,
      sku,
      quantity,
    ]);
  }
  return id;
}

export async function findCartLines(db, cartId, customer) {
  const { rows } = await db.query(
    `SELECT l.sku, l.quantity, p.price_cents AS "unitCents"
       FROM carts c JOIN cart_lines l ON l.cart_id = c.id JOIN products p ON p.sku = l.sku
      WHERE c.id = $1 AND c.customer = $2
      ORDER BY l.position`,
    [cartId, customer],
  );
  return rows;
}

export async function findTerms(db, code) {
  const { rows } = await db.query(
    'SELECT minimum_cents AS "minimumCents", most_cents AS "mostCents" FROM campaigns WHERE code = $1',
    [code],
  );
  return rows[0];
}

export async function insertQuote(db, { cartId, customer, coupon, subtotalCents, discountCents, lines }) {
  const { rows } = await db.query(
    `INSERT INTO quotes (cart_id, customer, coupon, subtotal_cents, discount_cents, total_cents)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [cartId, customer, coupon?.code ?? null, subtotalCents, discountCents, subtotalCents - discountCents],
  );
  const { id } = rows[0];
  for (const line of lines) {
    await db.query(
      'INSERT INTO quote_lines (quote_id, sku, quantity, line_cents, discount_cents) VALUES ($1, $2, $3, $4, $5)',
      [id, line.sku, line.quantity, line.lineCents, line.discountCents],
    );
  }
  return id;
}

/** Runs `work` inside a transaction: all of it is written, or nothing. */
export async function inTransaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
