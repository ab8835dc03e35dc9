import type { Detector } from '../../src/seal/detectors/detector.ts';

/** What a detector finds, as text. */
export function found(detector: Detector, text: string): readonly string[] {
  return [...detector.find(text)].map(({ start, end }) => text.slice(start, end));
}

/** CPU time of one search, milliseconds. */
export function cpuMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  return process.cpuUsage(before).user / 1000;
}
