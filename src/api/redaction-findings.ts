/** What a redaction hides in a recording, place by place, against what is hidden now. Holds no secret: it is read off the redacted view. */
import type { ExchangeView, LoopView } from '../seal/view-schema.ts';
import type { RedactionFinding, RedactionTest } from './contract/results.ts';

const MOST_FINDINGS = 5000;
const CONTEXT_CHARACTERS = 32;
const TOKEN = /REDACTED\([a-z]+\.[0-9a-f]{12}\.\d+\)|\bx[0-9a-f]{12}@redacted\.invalid/g;

export function compareRedaction(stored: LoopView, tried: LoopView): RedactionTest {
  const before = tokensIn(stored);
  const after = tokensIn(tried);
  const had = new Set(before.map(identify));
  const has = new Set(after.map(identify));
  const findings: RedactionFinding[] = [
    ...after.map((found) => ({ ...found, change: had.has(identify(found)) ? ('same' as const) : ('new' as const) })),
    ...before.filter((found) => !has.has(identify(found))).map((found) => ({ ...found, change: 'lost' as const })),
  ];
  return { findings: findings.slice(0, MOST_FINDINGS), more: Math.max(0, findings.length - MOST_FINDINGS) };
}

type Found = Omit<RedactionFinding, 'change'>;

function identify({ where, token }: Found): string {
  return `${where} ${token}`;
}

function tokensIn(view: LoopView): readonly Found[] {
  return [
    ...view.exchanges.flatMap((exchange) => leaves(exchange, nameOf(exchange), [])),
    ...view.commands.flatMap((command) =>
      leaves(command, `${command.vantage.service} ${command.protocol} ${command.peer.name}`, []),
    ),
    ...view.failures.flatMap((failure) => leaves(failure, 'verdict', [])),
    ...view.holes.flatMap((hole) => leaves(hole, 'what is missing', [])),
  ];
}

/** The query is left out: it is a finding itself. */
function nameOf({ vantage, method, path }: ExchangeView): string {
  return `${vantage.service} ${vantage.direction} ${method} ${path.replace(/[?#].*$/s, '')}`;
}

function leaves(value: unknown, name: string, path: readonly string[]): readonly Found[] {
  if (typeof value === 'string') return findingsIn(value, `${name}: ${path.join('.')}`);
  if (Array.isArray(value))
    return value.flatMap((item, index) => leaves(item, name, [...path, labelOf(item) ?? `${index}`]));
  if (typeof value !== 'object' || value === null) return [];
  if (isHeader(value)) return leaves(value.value, name, path);
  return Object.entries(value).flatMap(([key, item]) => leaves(item, name, [...path, key]));
}

function labelOf(item: unknown): string | undefined {
  return isHeader(item) ? item.name : undefined;
}

function isHeader(item: unknown): item is { readonly name: string; readonly value: string } {
  return (
    typeof item === 'object' && item !== null && 'name' in item && 'value' in item && typeof item.name === 'string'
  );
}

function findingsIn(text: string, where: string): readonly Found[] {
  return Array.from(text.matchAll(TOKEN), ({ 0: token, index }) => ({
    where,
    token,
    before: text.slice(Math.max(0, index - CONTEXT_CHARACTERS), index),
  }));
}
