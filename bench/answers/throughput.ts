/** How fast one question is answered over and over, for information. */
export interface Throughput {
  readonly perSecond: number;
  readonly medianMs: number;
}

const WARM = 200;
const ASKED = 2000;

/** One connection, one question that was recorded and may be asked again. */
export async function throughputOf(url: string): Promise<Throughput> {
  const times: number[] = [];
  for (let count = 0; count < WARM + ASKED; count += 1) {
    const began = performance.now();
    await (await fetch(url)).arrayBuffer();
    if (count >= WARM) times.push(performance.now() - began);
  }
  const sum = times.reduce((total, ms) => total + ms, 0);
  const median = times.toSorted((one, other) => one - other)[times.length >> 1] ?? 0;
  return { perSecond: Math.round((ASKED / sum) * 1000), medianMs: Math.round(median * 1000) / 1000 };
}
