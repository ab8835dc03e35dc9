/**
 * A printed sidecar configuration with probes that wait for a minute. The machine of a test is shared: an Envoy that takes two seconds without
 * a turn for a stopped sink would leave exchanges out, rightly, and tests of something else would fail.
 */
export function patient(yaml: string): string {
  const waiting = yaml
    .replace('- timeout: 1s', '- timeout: 60s')
    .replace('{interval: 1s, timeout: 2s}', '{interval: 60s, timeout: 60s}');
  if (!waiting.includes('- timeout: 60s') || !waiting.includes('{interval: 60s, timeout: 60s}'))
    throw new Error('The probes of the sink are written otherwise than they were.');
  return waiting;
}
