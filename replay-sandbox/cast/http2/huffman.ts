/** Huffman codes of header values. https://www.rfc-editor.org/rfc/rfc7541#section-5.2 */

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

type Node = { zero?: Node; one?: Node; symbol?: number };

const ROOT = treeOf(LENGTHS);

function treeOf(lengths: readonly number[]): Node {
  const root: Node = {};
  const symbols = lengths.map((length, symbol) => ({ length, symbol }));
  let code = 0;
  let before = 0;
  for (const { length, symbol } of symbols.toSorted((one, other) => one.length - other.length)) {
    code <<= length - before;
    before = length;
    leafAt(root, code, length).symbol = symbol;
    code += 1;
  }
  return root;
}

function leafAt(root: Node, code: number, length: number): Node {
  let node = root;
  for (let bit = length - 1; bit >= 0; bit -= 1)
    node = ((code >> bit) & 1) === 1 ? (node.one ??= {}) : (node.zero ??= {});
  return node;
}

/** Latin-1 text; undefined for what no encoder writes. */
export function huffmanText(bytes: Uint8Array): string | undefined {
  const symbols: number[] = [];
  let node = ROOT;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const next = ((byte >> bit) & 1) === 1 ? node.one : node.zero;
      if (next === undefined || next.symbol === END) return undefined;
      if (next.symbol !== undefined) symbols.push(next.symbol);
      node = next.symbol === undefined ? next : ROOT;
    }
  }
  return Buffer.from(symbols).toString('latin1');
}
