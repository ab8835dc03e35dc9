/** A real server as a child process of a test. */
import type { ChildProcess } from 'node:child_process';
import { freePorts } from '../../examples/shop/run/ports.ts';

/** What it says last, on either stream: at most 4,000 characters. */
export function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer | string) => (text = (text + chunk.toString()).slice(-4000)));
  return () => text;
}

/** Free when it is asked for, and of a range that no system hands out in between. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}
