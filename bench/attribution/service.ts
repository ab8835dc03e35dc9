// edge, pricing and rates: small services on Node. Edge passes context on; pricing does not.
import type { IncomingHttpHeaders } from 'node:http';
import { appendFileSync, readFileSync, renameSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import pg from 'pg';

const { ROLE = '', PORT, OUTBOUND, LEDGER = '', FAULTS, DATABASE } = process.env;

interface Fault {
  readonly id: number;
  readonly kind: string;
  readonly how?: string;
}

/** A request, as far as it matters for what is done for it; its context is what is passed on. */
interface Of {
  readonly inbound: string | null;
  readonly fault?: Fault | undefined;
  readonly context?: Readonly<Record<string, string>>;
}

interface Order {
  readonly customer: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
}

let served = 0;

const note = (entry: object): void =>
  appendFileSync(LEDGER, `${JSON.stringify({ service: ROLE, at: Date.now(), ...entry })}\n`);
const think = (from: number, to: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, from + Math.random() * (to - from)));

/** The one fault that waits for this service, once. */
function fault(): Fault | undefined {
  try {
    renameSync(`${FAULTS}/${ROLE}`, `${FAULTS}/${ROLE}.taken`);
  } catch {
    return undefined;
  }
  return JSON.parse(readFileSync(`${FAULTS}/${ROLE}.taken`, 'utf8')) as Fault;
}

function arrive(headers: IncomingHttpHeaders, path: string): Of {
  const inbound = `${ROLE}#${++served}`;
  const found = path.includes('Currencies') ? undefined : fault();
  note({ kind: 'inbound', inbound, requestId: headers['x-request-id'], path, ...(found && { fault: found.id }) });
  return { inbound, fault: found, context: contextOf(headers) };
}

function contextOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  if (ROLE !== 'edge') return {};
  const names = ['traceparent', 'x-request-id'];
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  );
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function call(
  { inbound, context = {} }: Of,
  peer: string,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = { host: `${peer}.mesh`, ...context, ...(payload && { 'content-type': 'application/json' }) };
    const request = http.request({ host: '127.0.0.1', port: Number(OUTBOUND), method, path, headers, agent: false });
    request.on('socket', (socket) =>
      socket.on('connect', () => note({ kind: 'call', inbound, port: socket.localPort, to: peer, path })),
    );
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('aborted', () => reject(new Error(`${peer} broke its answer off`)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(payload);
  });
}

async function callJson(of: Of, peer: string, method: string, path: string, body?: object): Promise<object> {
  const { status, text } = await call(of, peer, method, path, body);
  if (status >= 500) throw new Error(`${peer} answered ${status}: ${text.slice(0, 200)}`);
  return JSON.parse(text) as object;
}

/** Field 1 text, field 2 a number. */
function message(text: string, number: number): Buffer {
  const bytes = Buffer.from(text);
  const digits: number[] = [];
  for (let rest = number; ; rest = Math.floor(rest / 128)) {
    digits.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    if (rest < 128) break;
  }
  const body = Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes, Buffer.from([0x10, ...digits])]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

function grpc({ inbound }: Of, method: string, payload: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`http://127.0.0.1:${OUTBOUND}`);
    session.on('error', reject);
    session.on('connect', () => {
      const path = `/rates.Rates/${method}`;
      note({ kind: 'call', inbound, port: session.socket?.localPort, to: 'rates', path });
      const head = { ':method': 'POST', ':path': path, ':authority': 'rates.mesh', 'content-type': 'application/grpc' };
      const stream = session.request({ ...head, te: 'trailers', 'grpc-timeout': '900m' });
      const chunks: Buffer[] = [];
      let status: unknown;
      const seen = (headers: IncomingHttpHeaders): void => {
        status = headers['grpc-status'] ?? status;
      };
      stream.on('response', seen);
      stream.on('trailers', seen);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('close', () => {
        session.close();
        if (status === '0') resolve(Buffer.concat(chunks));
        else reject(new Error(`rates answered grpc status ${String(status)}`));
      });
      stream.end(payload);
    });
  });
}

async function order(of: Of, body: Order): Promise<object> {
  await think(5, 40);
  if (of.fault?.kind === 'ghost') await callJson(of, 'ghost', 'GET', `/limits/${body.customer}`);
  return callJson(of, 'checkout', 'POST', '/checkout', body);
}

const pool = new pg.Pool({ connectionString: DATABASE, max: 4 });
pool.on('error', () => undefined);

async function quote(of: Of, { customer, items }: Order): Promise<object> {
  await think(10, 60);
  if (of.fault?.kind === 'ghost') await callJson(of, 'ghost', 'GET', `/discounts/${customer}`);
  if (of.fault?.kind === 'db') await pool.query(of.fault.how ?? '', [customer]);
  let total = 0;
  for (const { sku, quantity } of items) {
    const { rows } = await pool.query<{ cents: number }>('SELECT cents FROM prices WHERE sku = $1', [sku]);
    total += (rows[0]?.cents ?? 0) * quantity;
    await think(3, 20);
  }
  const currency = ['EUR', 'USD', 'SEK'][Number(customer.slice(2)) % 3] ?? 'EUR';
  const answer = await grpc(of, 'Convert', message(currency, total));
  await think(3, 20);
  const { rows } = await pool.query<{ id: number }>(
    'INSERT INTO quotes (customer, cents) VALUES ($1, $2) RETURNING id',
    [customer, total],
  );
  return { quote: `q-${rows[0]?.id ?? 0}`, total: (total / 100).toFixed(2), currency, bytes: answer.length };
}

const handle = ROLE === 'edge' ? order : quote;

async function serve(request: http.IncomingMessage, response: http.ServerResponse, body: string): Promise<void> {
  const of = arrive(request.headers, request.url ?? '');
  const json = { 'content-type': 'application/json' };
  const answer = (status: number, said: object): void => {
    note({ kind: 'answer', inbound: of.inbound, status });
    response.writeHead(status, json).end(JSON.stringify(said));
  };
  try {
    const kind = of.fault?.kind;
    if (kind === 'timeout') await think(1700, 1800);
    if (kind === '500') throw new Error(`no such shard in ${ROLE}`);
    const result = await handle(of, JSON.parse(body) as Order);
    if (kind === 'reset') request.socket.destroy();
    else if (kind === 'cut') {
      response.writeHead(200, { ...json, 'content-length': '4096' });
      response.write(JSON.stringify(result).slice(0, 20));
      setTimeout(() => request.socket.destroy(), 30);
    } else if (kind === 'error-in-200') answer(200, { error: { code: 'E_RULES', message: 'rule set is empty' } });
    else answer(200, result);
  } catch (error) {
    answer(500, { error: `${ROLE}: ${error instanceof Error ? error.message : String(error)}` });
  }
}

function serveHttp(): void {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => void serve(request, response, Buffer.concat(chunks).toString()));
  });
  server.listen(Number(PORT), '127.0.0.1');
}

async function serveRate(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): Promise<void> {
  const of = arrive(headers, headers[':path'] ?? '');
  await think(10, 50);
  const status = of.fault?.kind === 'grpc-internal' ? 13 : of.fault?.kind === 'grpc-deadline' ? 4 : 0;
  note({ kind: 'answer', inbound: of.inbound, status });
  const head = { ':status': 200, 'content-type': 'application/grpc' };
  if (status !== 0) {
    stream.respond({ ...head, 'grpc-status': status, 'grpc-message': 'table%20of%20rates' }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(message('table-7', 1 + Math.floor(Math.random() * 100_000)));
}

function serveRates(): void {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    stream.resume().on('end', () => void serveRate(stream, headers));
  });
  server.listen(Number(PORT), '127.0.0.1');
}

if (ROLE === 'pricing')
  setInterval(() => void grpc({ inbound: null }, 'Currencies', message('all', 1)).catch(() => undefined), 600);
if (ROLE === 'rates') serveRates();
else serveHttp();
