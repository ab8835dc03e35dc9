// The service of the table, in Node. POST /run asks everybody once and answers 500; what it says of itself goes to stdout.
import { createServer, get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import grpc from '@grpc/grpc-js';
import pg from 'pg';
import { createClient } from 'redis';

const env = process.env;
const db = new pg.Pool({ host: env.DB_HOST, port: Number(env.DB_PORT), max: 2 });
const streams = new grpc.Client(env.STREAMS, grpc.credentials.createInsecure());
const cache = createClient({
  socket: { host: env.CACHE_HOST, port: Number(env.CACHE_PORT) },
  password: env.CACHE_PASSWORD,
  RESP: 2,
});
cache.on('error', () => undefined);
const connected = cache.connect();

/** The body; with https what the peer showed is said. */
function fetched(get, url, traceparent) {
  return new Promise((resolve, reject) => {
    get(url, { headers: { traceparent }, agent: false }, (response) => {
      if (response.socket.encrypted)
        console.log(`tls ${response.socket.authorized} ${response.socket.getPeerCertificate().subjectaltname}`);
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk) => (text += chunk))
        .on('end', () => resolve(text))
        .on('error', reject);
    }).on('error', reject);
  });
}

/** google.protobuf.StringValue, short. */
function asked(word, traceparent) {
  const metadata = new grpc.Metadata();
  metadata.set('traceparent', traceparent);
  const encode = (text) => Buffer.concat([Buffer.from([0x0a, text.length]), Buffer.from(text)]);
  const decode = (/** @type {Buffer} */ bytes) => bytes.subarray(2).toString();
  return new Promise((resolve, reject) => {
    streams.makeUnaryRequest('/matrix.Streams/Ask', encode, decode, word, metadata, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}

function dialled(target) {
  const [host, port] = target.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    socket.on('connect', () => resolve('answered')).on('error', (error) => resolve(error.code));
    socket.setTimeout(3000, () => socket.destroy(new Error('late')));
  });
}

async function run(traceparent) {
  console.log(`clock ${Date.now()}`);
  const rate = await fetched(httpGet, `http://${env.RATES}/v1/rate`, traceparent);
  const echo = await asked('mug', traceparent);
  const { rows } = await db.query('select $1::int + 17 as total', [4200]);
  const total = rows[0].total;
  await cache.set('total', String(total));
  const cached = await cache.get('total');
  const secure = await fetched(
    env.SECURE.startsWith('https') ? httpsGet : httpGet,
    `${env.SECURE}/v1/rate`,
    traceparent,
  );
  for (const target of (env.EXTRA ?? '').split(' ').filter(Boolean))
    console.log(`dial ${target} ${await dialled(target)}`);
  const steps = { rate, echo, total, cached, secure }; // BREAK
  return { error: 'the rate is no number', steps };
}

createServer((request, response) => {
  const answer = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.url === '/ready') {
    void connected.then(
      () => answer(200, {}),
      () => answer(503, {}),
    );
    return;
  }
  void run(String(request.headers.traceparent)).then(
    (body) => answer(500, body),
    (error) => answer(501, { error: String(error) }),
  );
}).listen(Number(env.PORT), '127.0.0.1');
