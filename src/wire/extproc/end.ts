/** `deferred_close_timeout` of the configuration that loopctl prints. */
const HELD_OPEN_MS = 1000;

/**
 * When an exchange broke off whose call ended at `ms`, on the same scale. In observability mode Envoy holds the call open for a while after the
 * exchange: for how long is configured there and not told here. Without that mode both end together.
 */
export function brokeOffAt(ms: number, observabilityMode: boolean): number {
  return observabilityMode ? ms - HELD_OPEN_MS : ms;
}
