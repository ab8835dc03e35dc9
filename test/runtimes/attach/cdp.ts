/** As DevTools attaches to Node. */
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import CDP from 'chrome-remote-interface';
import type { Holder } from './hold.ts';

export const holdByCdp: Holder = async (port, { source, line }, seconds, over) => {
  const client = await CDP({ port, local: true });
  try {
    await client.Debugger.enable({});
    const urlRegex = `/${basename(source).replace('.', '\\.')}$`;
    await client.Debugger.setBreakpointByUrl({ urlRegex, lineNumber: line - 1 });
    const stopped = new Promise<void>((resolve, reject) => {
      client.on('Debugger.paused', () => resolve());
      over.addEventListener('abort', () => reject(new Error('the replay ended before the service stopped')));
    });
    await client.Runtime.runIfWaitingForDebugger();
    await stopped;
    const began = performance.now();
    await delay(seconds * 1000, undefined, { signal: over });
    const held = (performance.now() - began) / 1000;
    // The replay may have ended before this is answered.
    await client.Debugger.resume({}).catch(() => undefined);
    return held;
  } finally {
    await client.close();
  }
};
