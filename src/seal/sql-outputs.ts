/** What a statement of SQL gives out, as far as its words tell: a cell is hidden by the name of its column, which may be another one. */
import type { Redactor } from './redact.ts';
import { secretNameIn } from './sql.ts';

/** Nothing in itself: a text that hides it hides what is bound to it. */
const PROBE = 'a';
/** Nobody takes a longer one apart. */
const STATEMENT_CHARACTERS = 65_536;

/** Literals and comments, which name nothing; words; what gives a list its structure. */
const PIECE = /'[^']*(?:''[^']*)*'?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"((?:[^"]|"")*)"?|[A-Za-z_][\w$]*|[().,;]|\S/g;
const BEGINS = new Set(['select', 'returning']);
const ENDS = new Set(['from', 'into', 'where', 'union', 'except', 'intersect', 'group', 'order', 'limit', 'returning']);

/** Lists within outputs of lists. */
const DEEPEST = 16;

/**
 * A name by which all cells of a statement's rows are to be hidden (`Redactor.parameter`), as any of them may hold something secret: one comes
 * out under a name that does not say so, or, of rows that nobody described, the statement speaks of one. Undefined where the names of columns
 * tell. A name and not the statement, which is long and would be searched for every cell.
 */
export function secretOfRows(statement: string, described: boolean, redact: Redactor): string | undefined {
  const shown = redact.parameter('', PROBE);
  const isSecret = (text: string): boolean => redact.parameter(text, PROBE) !== shown;
  const mayBeRenamed = !described || statement.length > STATEMENT_CHARACTERS || renamesSecrets(statement, isSecret);
  return mayBeRenamed && isSecret(statement) ? (secretNameIn(statement, isSecret) ?? statement) : undefined;
}

interface List {
  readonly depth: number;
  /** Of the output at hand. */
  item: string[];
}

/**
 * Whether something secret comes out under a name that does not say so: `password AS p`, `concat(token, '')`. A guess on the safe side; no
 * parser. `isSecret` is asked of words in a text.
 */
export function renamesSecrets(statement: string, isSecret: (text: string) => boolean): boolean {
  if (!isSecret(statement)) return false;
  // Where a literal ends is doubtful.
  if (statement.includes("\\'")) return true;
  const renamed = (item: readonly string[]): boolean => isRenamed(item, isSecret);
  let depth = 0;
  const lists: List[] = [];
  const over = (): boolean => renamed(lists.pop()?.item ?? []);
  for (const [whole, quoted] of statement.matchAll(PIECE)) {
    const word = whole.toLowerCase();
    const list = lists.at(-1);
    if (/^(?:'|--|\/\*)/.test(whole)) continue;
    if (whole === ')' && list !== undefined && list.depth === depth && over()) return true;
    if (whole === '(') depth += 1;
    if (whole === ')') depth -= 1;
    if (list?.depth === depth && (whole === ';' || ENDS.has(word)) && over()) return true;
    if (list?.depth === depth && whole === ',') {
      if (renamed(list.item)) return true;
      list.item = [];
      continue;
    }
    for (const open of lists) open.item.push(quoted ?? whole);
    if (BEGINS.has(word)) lists.push({ depth, item: [] });
    if (lists.length > DEEPEST) return true;
  }
  return lists.some(({ item }) => renamed(item));
}

/** `t.password` and `t.password AS user_password` come under names that say it. */
function isRenamed(item: readonly string[], isSecret: (text: string) => boolean): boolean {
  const words = item.filter((word, at) => word !== '.' && item[at + 1] !== '.');
  const name = words.at(-1) ?? '';
  const isNamed = words.length <= 2 || words.at(-2)?.toLowerCase() === 'as';
  return isSecret(words.join(' ')) && !(isNamed && isSecret(name));
}
