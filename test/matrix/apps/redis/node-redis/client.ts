import { createClient, defineScript } from 'redis';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly password?: string | undefined;
}

const addBoth = defineScript({
  NUMBER_OF_KEYS: 1,
  SCRIPT: "return {redis.call('incrby', KEYS[1], ARGV[1]), redis.call('incrby', KEYS[1], ARGV[2]), 'text', false}",
  parseCommand(parser, key: string, one: number, two: number) {
    parser.pushKey(key);
    parser.push(String(one), String(two));
  },
  transformReply: (reply: unknown) => reply,
});

export type Client = Awaited<ReturnType<typeof connectedClient>>;

export async function connectedClient({ host, port, password }: Target) {
  const client = createClient({
    RESP: 3,
    name: 'matrix',
    socket: { host, port },
    ...(password !== undefined && { password }),
    scripts: { addBoth },
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
