import { describe, expect, it } from 'vitest';
import { Client } from '../../../../console/src/api/client.ts';

function answeredWith(response: Response | Error) {
  const sent: { url: string; init: RequestInit }[] = [];
  const client = new Client(async (url, init = {}) => {
    sent.push({ url: url instanceof Request ? url.url : url.toString(), init });
    if (response instanceof Error) throw response;
    return response;
  });
  return { client, sent };
}

describe('a question to loopd', () => {
  it('goes where the contract says, as JSON when it has a body', async () => {
    const { client, sent } = answeredWith(new Response(null, { status: 204 }));
    await client.call('compareLoops', { id: 'a/b', other: 'c' });
    await client.call('timeline', { user: '42' });
    expect(sent.map(({ url, init: { method, body } }) => [method, url, body])).toEqual([
      ['GET', '/v1/loops/a%2Fb/compare/c', null],
      ['POST', '/v1/timeline', '{"user":"42"}'],
    ]);
    expect(sent.map(({ init }) => new Headers(init.headers).get('content-type'))).toEqual([null, 'application/json']);
  });

  it('carries the session’s proof when it changes something, and then only', async () => {
    const { client, sent } = answeredWith(new Response(null, { status: 204 }));
    client.csrf = 'proof';
    await client.call('signOut', {});
    await client.call('session', {});
    expect(sent.map(({ init }) => new Headers(init.headers).get('x-loop-csrf'))).toEqual(['proof', null]);
  });

  it('is refused in the words of the server', async () => {
    const { client } = answeredWith(
      Response.json({ title: 'Not yours.', code: 'forbidden', hint: 'Ask.' }, { status: 403 }),
    );
    await expect(client.call('session', {})).rejects.toMatchObject({
      message: 'Not yours.',
      status: 403,
      hint: 'Ask.',
    });
  });

  it('says when nobody answers, and when the answer is somebody else’s', async () => {
    await expect(answeredWith(new TypeError('failed')).client.call('session', {})).rejects.toMatchObject({
      code: 'away',
    });
    const proxy = answeredWith(new Response('<h1>Bad Gateway</h1>', { status: 502 })).client;
    await expect(proxy.call('session', {})).rejects.toMatchObject({
      code: 'unknown',
      message: 'loopd answered with status 502.',
    });
  });
});
