/** What loopd tells of itself, by name and labels. */
export type Metrics = Readonly<Record<string, number>>;

/** The sum over all label sets that hold `label`; counters are told with and without `_total`. */
export function metric(metrics: Metrics, name: string, label = ''): number {
  const total = sum(metrics, `${name}_total`, label);
  return total ?? sum(metrics, name, label) ?? 0;
}

function sum(metrics: Metrics, name: string, label: string): number | undefined {
  const found = Object.entries(metrics).filter(
    ([key]) => (key === name || key.startsWith(`${name}{`)) && key.includes(label),
  );
  return found.length === 0 ? undefined : found.reduce((all, [, value]) => all + value, 0);
}
