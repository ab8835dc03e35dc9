/** Which of a sink's addresses an instance sends to, so that all it sends meets in one recorder. */

/** Fixed, so that what a sidecar is told does not depend on how many workers there are: a worker serves every so many of them. */
export const SHARDS = 16;

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** 0 to SHARDS - 1. Without `instance`, for what is only known where it runs, all replicas of the service share one. */
export function shardOf(service: string, instance: string | undefined): number {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(`${service}\0${instance ?? ''}`))
    hash = Math.imul(hash ^ byte, PRIME) >>> 0;
  // Its low bits alone know little of the first characters.
  return ((hash ^ (hash >>> 16)) >>> 0) % SHARDS;
}

/** `sink.sock` of shard 3 is `sink-3.sock`; shard 0 has the name itself. */
export function shardPath(path: string, shard: number): string {
  return shard === 0 ? path : path.replace(/(\.[^./]*)?$/, (extension) => `-${String(shard)}${extension}`);
}
