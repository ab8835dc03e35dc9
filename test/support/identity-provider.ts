/** A real OpenID provider on this machine, where everybody is whom they say they are. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { onTestFinished } from 'vitest';

export const CLIENT = { id: 'loop', secret: 'secret of the client' };

/** `redirect`: where it sends people back to. `groups`: by who signs in. */
export async function startProvider(
  redirect: () => string,
  groups: Readonly<Record<string, readonly string[]>>,
): Promise<string> {
  const server = createServer((request, response) => void handle()(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let callback: ReturnType<Provider['callback']> | undefined;
  /** Made when it is first asked: where its client lives is known by then. */
  const handle = () =>
    (callback ??= new Provider(issuer, {
      clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirect()] }],
      claims: { openid: ['sub'], profile: ['groups'], email: ['email', 'email_verified'] },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true, groups: [...(groups[id] ?? [])] }),
      }),
      cookies: { keys: ['of the test'] },
    }).callback());
  return issuer;
}
