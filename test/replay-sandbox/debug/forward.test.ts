import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { forwardPort } from '../../../replay-sandbox/debug/forward.ts';

async function echo(): Promise<number> {
  const server = createServer((socket) => socket.pipe(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function forward(to: () => number) {
  const made = await forwardPort(0, async () => {
    const socket = connect(to(), '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  });
  onTestFinished(() => made.close());
  return made;
}

describe('a forwarded port', () => {
  it('leads there and back, for several at once', async () => {
    const inner = await echo();
    const { port } = await forward(() => inner);
    const answers = ['one', 'two'].map(async (text) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(text);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      return answer.toString();
    });
    expect(await Promise.all(answers)).toEqual(['one', 'two']);
  });

  it('ends what came too early, and serves what comes later', async () => {
    let inner = 1;
    const { port } = await forward(() => inner);
    const early = connect(port, '127.0.0.1').resume();
    await once(early, 'close');
    inner = await echo();
    const later = connect(port, '127.0.0.1');
    later.write('hello');
    expect(String(((await once(later, 'data')) as [Buffer])[0])).toBe('hello');
    later.destroy();
  });

  it('lets nobody in before it opens; who has left by then uses up no connection', async () => {
    const inner = await echo();
    let connections = 0;
    const opening = Promise.withResolvers<void>();
    const open = async () => {
      connections += 1;
      const socket = connect(inner, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    const made = await forwardPort(0, open, { opens: opening.promise });
    onTestFinished(() => made.close());
    const impatient = connect(made.port, '127.0.0.1');
    await once(impatient, 'connect');
    impatient.resume().end();
    await once(impatient, 'close');
    const patient = connect(made.port, '127.0.0.1');
    patient.write('hello');
    await once(patient, 'connect');
    expect(connections).toBe(0);
    opening.resolve();
    expect(String(((await once(patient, 'data')) as [Buffer])[0])).toBe('hello');
    expect(connections).toBe(1);
    patient.destroy();
  });

  it('closed, takes its connections with it', async () => {
    const inner = await echo();
    const made = await forward(() => inner);
    const socket = connect(made.port, '127.0.0.1');
    socket.write('hello');
    await once(socket, 'data');
    await made.close();
    await once(socket.resume(), 'close');
    await expect(once(connect(made.port, '127.0.0.1'), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('closed, lets a debugger that takes its leave hear the answer first', async () => {
    const inner = await echo();
    const leaving = Promise.withResolvers<void>();
    const nothing = (): void => undefined;
    const watcher = {
      fromDebugger: nothing,
      fromDebuggee: nothing,
      closed: nothing,
      farewell: () => leaving.promise,
    };
    const connectInner = async () => {
      const socket = connect(inner, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    const made = await forwardPort(0, connectInner, { watch: () => watcher });
    const socket = connect(made.port, '127.0.0.1');
    socket.write('hello');
    await once(socket, 'data');
    const closed = made.close();
    socket.write('bye');
    expect(String(((await once(socket, 'data')) as [Buffer])[0])).toBe('bye');
    leaving.resolve();
    await closed;
    await once(socket.resume(), 'close');
  });

  it('that is taken is said, with what to type', async () => {
    const taken = await echo();
    await expect(forwardPort(taken, () => Promise.reject(new Error('unused')))).rejects.toMatchObject({
      code: 'debugger',
      message: `Port ${taken} is taken; the debugger has no way in.`,
      hint: '--inspect=0, which takes any free port.',
    });
  });
});
