/** The helpdesk of somebody else, with Loop's button in its page. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { temporaryFolder } from './folder.ts';

const MINUTES = 5;

export interface Helpdesk extends AsyncDisposable {
  readonly origin: string;
  /** For `support:` of loopd's configuration. */
  readonly tool: { readonly name: string; readonly secret: string; readonly origins: string[] };
  /** From now on its page has the button of that loopd, about that user. */
  embed(apiUrl: string, user: string): Promise<void>;
}

export async function startHelpdesk(): Promise<Helpdesk> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder('helpdesk-'));
  let page = '';
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://helpdesk.test:${(server.address() as AddressInfo).port}`;
  const secret = randomBytes(32).toString('hex');
  const file = join(folder.path, 'secret');
  writeFileSync(file, secret);
  const closing = opened.move();
  return {
    origin,
    tool: { name: 'helpdesk', secret: file, origins: [origin] },
    async embed(apiUrl, user) {
      page = pageOf(apiUrl, await signed(secret, user));
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function signed(secret: string, user: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'helpdesk', aud: 'loopd', agent: 'anna', reason: 'ticket 811: no order', sub: user };
  return new SignJWT({ ...claims, iat: now, exp: now + MINUTES * 60, jti: randomBytes(8).toString('hex') })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(secret));
}

function pageOf(apiUrl: string, reference: string): string {
  return `<!doctype html><html lang="en"><title>Ticket 811</title><link rel="icon" href="data:,">
<style>
  body { margin: 0; font: 15px/1.5 Georgia, serif; color: #2b2118; background: #faf5ec }
  header { padding: 14px 28px; background: #6b2f1d; color: #fff } main { max-width: 640px; padding: 16px 28px 28px }
  blockquote { margin: 12px 0; padding: 8px 16px; border-left: 3px solid #c98a5e; background: #fff }
</style>
<header>Tea &amp; Pots helpdesk</header>
<main><h1>Ticket 811</h1><p>Ada, customer since 2019, on the phone:</p>
<blockquote>I ordered the spoon with my coupon, and all it says is "invalid input syntax".</blockquote>
<script src="${apiUrl}/support-button.js" data-loop-reference="${reference}"></script></main></html>`;
}
