import { describe, expect, it } from 'vitest';
import { DapDeframer, encodeDap } from '../../../../replay-sandbox/debug/dap/framing.ts';

const MESSAGES = [{ type: 'event', event: 'stopped' }, { text: 'Größe' }, {}];
const BYTES = Buffer.concat(MESSAGES.map(encodeDap));

describe('messages of a debug adapter', () => {
  it('come whole', () => {
    expect(new DapDeframer().push(BYTES)).toEqual(MESSAGES);
  });

  it('come byte by byte', () => {
    const deframer = new DapDeframer();
    expect([...BYTES].flatMap((byte) => deframer.push(Uint8Array.of(byte)))).toEqual(MESSAGES);
  });

  it.each([
    ['bad-header', 'Length: 3\r\n\r\n{}'],
    ['bad-header', 'x'.repeat(2000)],
    ['too-large', 'Content-Length: 999999999\r\n\r\n'],
    ['bad-json', 'Content-Length: 2\r\n\r\n{]'],
  ])('are a fault: %s', (fault, text) => {
    const deframer = new DapDeframer();
    expect(deframer.push(Buffer.from(text))).toEqual([]);
    expect(deframer.fault).toBe(fault);
    expect(deframer.push(BYTES)).toEqual([]);
  });
});
