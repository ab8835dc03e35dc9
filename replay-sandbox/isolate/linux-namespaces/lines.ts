import type { Readable } from 'node:stream';

/** Calls `take` for each line of the stream, without its end. An unfinished last line is dropped: its writer was killed. */
export function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  });
}
