/** What a peer can do to loopd's memory that no Envoy between would let through, or not so fast. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { dataFrames, frame, FrameType } from '../../test/support/http2-frames.ts';
import { beginCall, dial, sendTiny } from './sender.ts';
import type { Stage } from './stage.ts';

const STREAMS_OF_A_LORIS = 500;
const MIB = 1024 * 1024;

/** What was done, in words and figures for the row. Messages: whole ones, which loopd has to have counted. */
export interface Done {
  readonly messages: number;
  readonly said: string;
}

/** As many transactions as fast as they are taken. */
export async function tiny({ socket }: Stage, exchanges: number): Promise<Done> {
  const began = performance.now();
  const messages = await sendTiny(socket, { exchanges });
  const perSecond = Math.round((exchanges * 1000) / (performance.now() - began));
  return { messages, said: `${exchanges} transactions, ${perSecond} a second` };
}

export async function steady({ socket }: Stage, rate: number, seconds: number): Promise<Done> {
  const messages = await sendTiny(socket, { exchanges: rate * seconds, rate });
  return { messages, said: `${rate} transactions a second for ${seconds} s` };
}

/** One message that comes in frames of one byte each. */
export async function oneByteFrames({ socket }: Stage, frames: number): Promise<Done> {
  const peer = await dial(socket);
  peer.write(beginCall(1));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(frames, 1);
  peer.write(Buffer.concat(dataFrames(1, prefix)));
  const one = frame(FrameType.data, 0, 1, Buffer.of(0));
  const batch = Buffer.concat(Array.from({ length: 1000 }, () => one));
  for (let sent = 0; sent < frames - 1; sent += 1000) if (!peer.write(batch)) await once(peer, 'drain');
  await delay(500);
  const open = !peer.destroyed && peer.readyState === 'open';
  peer.destroy();
  return { messages: 1, said: `${frames} frames, connection ${open ? 'stayed' : 'was closed'}` };
}

/** Calls that announce a large message each and send one byte of it a second. */
export async function slowLoris({ socket }: Stage, seconds: number): Promise<Done> {
  const peer = await dial(socket);
  const streams = Array.from({ length: STREAMS_OF_A_LORIS }, (_, index) => 2 * index + 1);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(4 * MIB, 1);
  for (const stream of streams) peer.write(Buffer.concat([beginCall(stream), ...dataFrames(stream, prefix)]));
  for (let second = 0; second < seconds && !peer.destroyed; second++) {
    peer.write(Buffer.concat(streams.map((stream) => frame(FrameType.data, 0, stream, Buffer.of(0)))));
    await delay(1000);
  }
  peer.destroy();
  return { messages: 0, said: `${STREAMS_OF_A_LORIS} calls, one byte a second each, for ${seconds} s` };
}
