import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Recorded } from '../recorded-text.tsx';
import { shortened } from '../visible.ts';
import type { JsonRow, JsonTree } from './json.ts';

const FIRST_ROWS = 200;
const MORE_ROWS = 1000;
const STRING_CHARACTERS = 2000;
const DEEPEST_INDENT = 40;

/** JSON as a tree whose objects and lists fold; long ones a piece at a time. */
export function JsonView({ tree }: { readonly tree: JsonTree }): JSX.Element {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const [most, setMost] = useState(FIRST_ROWS);
  const seen = useMemo(() => unfolded(tree.rows, folded), [tree, folded]);
  const toggle = (at: number): void =>
    setFolded(folded.has(at) ? new Set([...folded].filter((one) => one !== at)) : new Set([...folded, at]));
  return (
    <div class="json mono">
      {seen.slice(0, most).map(({ row, at }) => (
        <Line key={at} row={row} folded={folded.has(at)} toggle={() => toggle(at)} />
      ))}
      {seen.length > most && (
        <button type="button" class="button small" onClick={() => setMost(most + MORE_ROWS)}>
          {Math.min(MORE_ROWS, seen.length - most)} more of {seen.length - most} lines
        </button>
      )}
      {tree.cut && <p class="cut">… the rest is not here</p>}
    </div>
  );
}

interface Seen {
  readonly row: JsonRow;
  readonly at: number;
}

function unfolded(rows: readonly JsonRow[], folded: ReadonlySet<number>): readonly Seen[] {
  const seen: Seen[] = [];
  for (let at = 0; at < rows.length;) {
    const row = rows[at];
    if (row === undefined) break;
    seen.push({ row, at });
    at = folded.has(at) ? row.end : at + 1;
  }
  return seen;
}

interface LineProps {
  readonly row: JsonRow;
  readonly folded: boolean;
  readonly toggle: () => void;
}

function Line({ row, folded, toggle }: LineProps): JSX.Element {
  const indent = { paddingInlineStart: `${Math.min(row.depth, DEEPEST_INDENT) * 14 + 14}px` };
  const name = row.name === undefined ? undefined : <Name name={row.name} />;
  if (row.kind !== 'object' && row.kind !== 'array')
    return (
      <div class="json-line" style={indent}>
        {name}
        <Scalar row={row} />
      </div>
    );
  const size = row.kind === 'object' ? `{${row.size}}` : `[${row.size}]`;
  return (
    <div class="json-line" style={indent}>
      <button type="button" class="fold" aria-expanded={!folded} onClick={toggle} disabled={row.size === 0}>
        <span class="fold-sign" aria-hidden="true">
          {row.size === 0 ? '' : folded ? '▸' : '▾'}
        </span>
        {name}
        <span class="muted">{size}</span>
      </button>
    </div>
  );
}

function Name({ name }: { readonly name: string | number }): JSX.Element {
  return (
    <span class={typeof name === 'number' ? 'json-index' : 'json-name'}>
      {typeof name === 'number' ? name : <Recorded text={shortened(name, STRING_CHARACTERS)} oneLine />}:{' '}
    </span>
  );
}

function Scalar({ row: { kind, text } }: { readonly row: JsonRow }): JSX.Element {
  const [whole, setWhole] = useState(false);
  if (kind !== 'string') return <span class={`json-${kind}`}>{text}</span>;
  const isLong = text.length > STRING_CHARACTERS && !whole;
  return (
    <span class="json-string">
      "<Recorded text={escapedQuotes(isLong ? text.slice(0, STRING_CHARACTERS) : text)} oneLine />"
      {isLong && (
        <button type="button" class="button small" onClick={() => setWhole(true)}>
          {text.length - STRING_CHARACTERS} more characters
        </button>
      )}
    </span>
  );
}

/** As it stands in JSON, so that it is seen where the string ends. */
function escapedQuotes(text: string): string {
  return text.replace(/[\\"]/g, '\\$&');
}
