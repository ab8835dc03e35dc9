/** Prices over a WebSocket and as an event stream; a price that it does not have is more than it can bear. Listens on PORT. */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';

const http = createServer((request, response) => {
  if (request.url === '/events') void tell(response);
  else response.end('ok');
});

async function tell(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const id of [1, 2, 3]) {
    await new Promise((written) => response.write(`id: ${id}\ndata: {"price":${id * 4}}\n\n`, written));
    await new Promise((later) => setTimeout(later, 30));
  }
  response.destroy();
}

new WebSocketServer({ server: http, perMessageDeflate: { threshold: 0 } }).on('connection', (client) => {
  client.send('{"hello":"world"}');
  client.on('message', (data: Buffer) => {
    const { sku } = JSON.parse(data.toString()) as { sku: string };
    if (sku === 'bad') client.close(1011, 'no price');
    else client.send(JSON.stringify({ sku, price: 12 }));
  });
});
http.listen(Number(process.env['PORT']), '127.0.0.1', () => {
  const address = http.address();
  if (address !== null && typeof address === 'object') console.log(`listening on ${address.port}`);
});
