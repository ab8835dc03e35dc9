// A service with two connections to Redis that it opens when it starts, or when `/session` is asked, and keeps: one that asks, in a database
// and under a name of its own, and one that hears what is published. `/fail` fails with what Redis said, so that Loop keeps it.
import { createServer } from 'node:http';
import { createClient } from 'redis';

const { PORT, PEER_HOST, PEER_PORT, EAGER } = process.env;

const open = () =>
  createClient({ RESP: 3, socket: { host: PEER_HOST, port: Number(PEER_PORT) } })
    .on('error', () => undefined)
    .connect();

async function openSession() {
  const asking = await open();
  await asking.select(3);
  await asking.sendCommand(['CLIENT', 'SETNAME', 'worker']);
  const hearing = await open();
  let told: (message: string) => void = () => undefined;
  await hearing.subscribe('prices', (message) => told(message));
  const fail = async (): Promise<unknown> => {
    const heard = new Promise<string>((resolve) => (told = resolve));
    const stock = { ...(await asking.hGetAll('stock:cup')) };
    const name = await asking.sendCommand(['CLIENT', 'GETNAME']);
    await asking.publish('prices', `cup ${stock['stock']}`);
    return { stock, name, heard: await heard };
  };
  return { fail };
}

let session = EAGER === '1' ? openSession() : undefined;

const server = createServer((request, response) => {
  const answer = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (request.url !== '/session' && request.url !== '/fail') return answer(200, {});
  session ??= openSession();
  const asked = session.then(({ fail }) => (request.url === '/fail' ? fail() : {}));
  asked.then(
    (value) => answer(request.url === '/fail' ? 500 : 200, value),
    (error: unknown) => answer(503, { error: error instanceof Error ? error.message : '' }),
  );
});
const listen = (): void => {
  server.listen(Number(PORT), '127.0.0.1', () => {
    const address = server.address();
    process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
  });
};
if (session === undefined) listen();
else void session.then(listen, listen);
