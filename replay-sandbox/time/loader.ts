/** The dynamic loader a program for Linux asks for (ELF(5), PT_INTERP): only such a program can be preloaded into. */
import type { ProgramFiles } from '../launch/runtime/files.ts';

const MAGIC = 0x7f454c46;
const PT_INTERP = 3;
const MOST_HEADERS = 256;
const MOST_PATH = 4096;

/** 64 bits, little end first: what this library is built for. `none`: it is linked statically; undefined: it is no such program. */
export function loaderOf(path: string, files: ProgramFiles): string | undefined {
  const head = viewOf(files.read(path, 0, 64));
  if (head.byteLength < 64 || head.getUint32(0) !== MAGIC || head.getUint8(4) !== 2 || head.getUint8(5) !== 1)
    return undefined;
  const [size, count] = [head.getUint16(0x36, true), Math.min(head.getUint16(0x38, true), MOST_HEADERS)];
  if (size < 56) return undefined;
  const table = viewOf(files.read(path, Number(head.getBigUint64(0x20, true)), size * count));
  for (let at = 0; at + 56 <= table.byteLength; at += size) {
    if (table.getUint32(at, true) !== PT_INTERP) continue;
    const length = Math.min(Number(table.getBigUint64(at + 0x20, true)), MOST_PATH);
    const bytes = files.read(path, Number(table.getBigUint64(at + 0x08, true)), length);
    return Buffer.from(bytes).toString('latin1').replace(/\0.*$/s, '');
  }
  return 'none';
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
