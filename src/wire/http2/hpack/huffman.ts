/** Huffman codes of header text. https://www.rfc-editor.org/rfc/rfc7541#section-5.2 */

/** Bits of the code of each byte, and of the end (appendix B). The code is canonical: the lengths say it all. */
const LENGTHS = `
  13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28
  28 28 30 28 28 28 28 28 28 28 28 28 6 10 10 12 13 6 8 11
  10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8
  15 6 12 10 13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7
  7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6 15 5 6 5
  6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7
  7 7 7 15 11 14 13 28 20 22 20 20 22 22 22 23 22 23 23 23
  23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
  22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21
  23 22 23 23 20 22 22 22 23 22 22 23 26 26 20 19 22 23 22 25
  26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26
  28 27 27 27 20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23
  26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26 30`
  .trim()
  .split(/\s+/)
  .map(Number);

const END = 256;
/** States are the inner nodes of the tree; there are as many as symbols but one. */
const STATES = 256;
const NIBBLES = 16;

const NEXT = 0xff;
const EMITS = 0x100;
const FAILS = 0x200;
/** Here the text may end: what was read since the last symbol is padding. */
const MAY_END = 0x400;
const SYMBOL_SHIFT = 16;

/** By state and four bits: the state after them, the symbol they complete (at most one, codes have five bits or more), and flags. */
const STEPS = stepsOf(LENGTHS);

/** One byte longer than its code at most per five bits: how many bytes `count` of code can become. */
export function huffmanBound(count: number): number {
  return Math.floor((count * 8) / 5) + 1;
}

/** Writes the text to the front of `into`, which has room for `huffmanBound`; its length, or -1 for what no encoder writes. */
export function huffmanInto(into: Uint8Array, bytes: Uint8Array, start: number, end: number): number {
  let length = 0;
  let step = MAY_END;
  let failed = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    step = STEPS[(step & NEXT) * NIBBLES + (byte >>> 4)] ?? FAILS;
    failed |= step;
    if ((step & EMITS) !== 0) into[length++] = step >>> SYMBOL_SHIFT;
    step = STEPS[(step & NEXT) * NIBBLES + (byte & 15)] ?? FAILS;
    failed |= step;
    if ((step & EMITS) !== 0) into[length++] = step >>> SYMBOL_SHIFT;
  }
  return (failed & FAILS) !== 0 || (step & MAY_END) === 0 ? -1 : length;
}

/** Latin-1 text; undefined for what no encoder writes. */
export function huffmanText(bytes: Uint8Array): string | undefined {
  const text = Buffer.allocUnsafe(huffmanBound(bytes.length));
  const length = huffmanInto(text, bytes, 0, bytes.length);
  return length < 0 ? undefined : text.toString('latin1', 0, length);
}

interface Node {
  readonly state: number;
  /** Depth and whether only ones lead here: padding is up to seven ones. */
  readonly mayEnd: boolean;
  readonly next: [Node | number | undefined, Node | number | undefined];
}

function stepsOf(lengths: readonly number[]): Int32Array {
  const nodes = treeOf(lengths);
  const steps = new Int32Array(STATES * NIBBLES);
  for (const node of nodes)
    for (let nibble = 0; nibble < NIBBLES; nibble += 1)
      steps[node.state * NIBBLES + nibble] = walk(nodes, node, nibble);
  return steps;
}

function walk(nodes: readonly Node[], from: Node, nibble: number): number {
  const [root] = nodes;
  let node = from;
  let emitted = 0;
  for (let bit = 3; bit >= 0; bit -= 1) {
    const next = node.next[(nibble >> bit) & 1 ? 1 : 0];
    if (next === undefined || next === END || root === undefined) return FAILS;
    if (typeof next === 'number') emitted = EMITS | (next << SYMBOL_SHIFT);
    node = typeof next === 'number' ? root : next;
  }
  return node.state | emitted | (node.mayEnd ? MAY_END : 0);
}

/** The code is canonical: symbols by length, then by number. */
function treeOf(lengths: readonly number[]): readonly Node[] {
  const root: Node = { state: 0, mayEnd: true, next: [undefined, undefined] };
  const nodes = [root];
  const symbols = lengths.map((length, symbol) => ({ length, symbol }));
  let code = 0;
  let before = 0;
  for (const { length, symbol } of symbols.toSorted((one, other) => one.length - other.length)) {
    code <<= length - before;
    before = length;
    plant(nodes, root, code, length, symbol);
    code += 1;
  }
  return nodes;
}

function plant(nodes: Node[], root: Node, code: number, length: number, symbol: number): void {
  let node = root;
  for (let bit = length - 1; bit > 0; bit -= 1) {
    const side = (code >> bit) & 1 ? 1 : 0;
    const known = node.next[side];
    if (typeof known === 'object') {
      node = known;
      continue;
    }
    const made: Node = {
      state: nodes.length,
      mayEnd: node.mayEnd && side === 1 && length - bit <= 7,
      next: [undefined, undefined],
    };
    node.next[side] = made;
    nodes.push(made);
    node = made;
  }
  node.next[code & 1 ? 1 : 0] = symbol;
}
