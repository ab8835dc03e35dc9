import type { Shop } from '../../examples/shop/run/shop.ts';

export interface SidecarCounts {
  /** Messages Envoy handed to its calls to the sink. */
  readonly sent: number;
  /** Calls that were opened, and exchanges that went unrecorded. */
  readonly calls: number;
  readonly unrecorded: number;
}

/** What the filters of all sidecars counted (`http.<prefix>.ext_proc.<stat_prefix>.…`). */
export async function sidecarCounts(shop: Shop): Promise<SidecarCounts> {
  const stats = await Promise.all(shop.services.map(({ name }) => shop.envoyStats(name)));
  const all = stats.flatMap((one) => Object.entries(one)).filter(([name]) => name.includes('.ext_proc.'));
  const sum = (end: string): number =>
    all.reduce((total, [name, value]) => total + (name.endsWith(end) ? value : 0), 0);
  return {
    sent: sum('.stream_msgs_sent'),
    calls: sum('.streams_started'),
    unrecorded: sum('.failure_mode_allowed') + sum('.streams_failed'),
  };
}
