/** Whether a program for Linux was made by Go: its compiler leaves a section `.go.buildinfo`, also in stripped programs. ELF(5). */
import type { ProgramFiles } from './files.ts';

const MAGIC = [0x7f, 0x45, 0x4c, 0x46];
/** More section headers, or a longer table of names, than any program has. */
const MOST_SECTIONS = 4096;
const MOST_NAMES = 1 << 20;

/** Where the fields lie in the headers of each class. */
const CLASSES = {
  1: { offset: 0x20, size: 0x2e, count: 0x30, names: 0x32, sectionOffset: 0x10, sectionSize: 0x14, wide: false },
  2: { offset: 0x28, size: 0x3a, count: 0x3c, names: 0x3e, sectionOffset: 0x18, sectionSize: 0x20, wide: true },
} as const;

/** Undefined: it is no ELF program. */
export function elfRuntime(path: string, files: ProgramFiles): 'go' | 'native' | undefined {
  const head = files.read(path, 0, 64);
  if (head.length < 64 || MAGIC.some((byte, index) => head[index] !== byte)) return undefined;
  return sectionNames(path, head, files).includes('.go.buildinfo') ? 'go' : 'native';
}

function sectionNames(path: string, head: Uint8Array, files: ProgramFiles): readonly string[] {
  const layout = head[4] === 1 ? CLASSES[1] : CLASSES[2];
  const little = head[5] !== 2;
  const view = new DataView(head.buffer, head.byteOffset);
  const [size, count] = [view.getUint16(layout.size, little), view.getUint16(layout.count, little)];
  const index = view.getUint16(layout.names, little);
  if (count > MOST_SECTIONS || index >= count || size < 40) return [];
  const at = number(view, layout.offset, layout.wide, little) + index * size;
  const header = files.read(path, at, size);
  if (header.length < size) return [];
  const section = new DataView(header.buffer, header.byteOffset);
  const start = number(section, layout.sectionOffset, layout.wide, little);
  const length = number(section, layout.sectionSize, layout.wide, little);
  if (length > MOST_NAMES) return [];
  return Buffer.from(files.read(path, start, length))
    .toString('latin1')
    .split('\0');
}

function number(view: DataView, at: number, wide: boolean, little: boolean): number {
  if (!wide) return view.getUint32(at, little);
  const long = view.getBigUint64(at, little);
  return long > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(long);
}
