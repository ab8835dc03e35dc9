import { expect, it } from 'vitest';
import { CdpPauses } from '../../../../replay-sandbox/debug/node/pauses.ts';
import { StageTime } from '../../../../replay-sandbox/time/stage-time.ts';
import { encodeFrame } from '../../../../src/wire/websocket/framing.ts';

const HANDSHAKE = Buffer.from(
  'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n',
);

function says(value: Readonly<Record<string, unknown>>): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(value));
  return encodeFrame({ opcode: 'text', fin: true, compressed: false, bytes });
}

const PAUSED = says({ method: 'Debugger.paused', params: { reason: 'other' } });
const RESUMED = says({ method: 'Debugger.resumed', params: {} });
const OTHER = says({ id: 3, result: { text: '{"method":"Debugger.paused"' } });

it.each([['whole'], ['byte by byte']])('the stage stands still from paused to resumed: %s', (how) => {
  let now = 0;
  const time = new StageTime({ now: () => now });
  const watcher = new CdpPauses(time);
  const give = (bytes: Uint8Array): void => {
    if (how === 'whole') watcher.fromDebuggee(bytes);
    else for (const byte of bytes) watcher.fromDebuggee(Uint8Array.of(byte));
    now += 10;
  };
  [HANDSHAKE, OTHER, PAUSED, OTHER, RESUMED, OTHER].forEach(give);
  expect(time.paused()).toBe(20);
  give(PAUSED);
  watcher.closed();
  now += 1000;
  expect(time.paused()).toBe(30);
});
