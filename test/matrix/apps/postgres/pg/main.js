// A service on pg.Pool. POST /run does all of it and says what the driver gave.
import { createServer } from 'node:http';
import pg from 'pg';

const { PORT, TARGET_HOST, TARGET_PORT, POOL } = process.env;
const pool = new pg.Pool({ host: TARGET_HOST, port: Number(TARGET_PORT), max: Number(POOL) });

const shown = ({ command, rowCount, rows }) => ({ command, rowCount, rows });

const failing = async (work) => {
  try {
    return shown(await work());
  } catch (error) {
    return { code: error.code, message: error.message };
  }
};

const steps = {
  create: () => pool.query('create table item(id int primary key, name text)'),
  insert: () => pool.query('insert into item values ($1, $2) returning *', [1, 'bolt']),
  duplicate: () => pool.query('insert into item values ($1, $2) returning *', [1, 'bolt']),
  select: () => pool.query('select * from item where id = $1', [1]),
  syntax: () => pool.query('selec 1'),
};

async function run() {
  const results = [];
  for (const [name, step] of Object.entries(steps)) results.push({ name, result: await failing(step) });
  return { driver: 'pg', steps: results };
}

async function answer(request, response) {
  const [status, value] = request.url === '/ready' ? [200, {}] : [500, await run()];
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

createServer((request, response) => void answer(request, response)).listen(Number(PORT), '127.0.0.1');
