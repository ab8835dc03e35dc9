/** Instances whose sidecars send to several workers, though each is to keep to one: told while loopd runs. */
export class SplitInstances {
  readonly #log: (message: string, hint: string) => void;
  #count = 0;
  #first: string | undefined;

  constructor(log: (message: string, hint: string) => void) {
    this.#log = log;
  }

  /** As Instance.key has them. */
  found(instances: readonly string[]): void {
    this.#count += instances.length;
    this.#first ??= instances[0]?.replace('\0', '/');
    for (const instance of instances)
      this.#log(
        `${instance.replace('\0', '/')} sends to several workers: whose its commands are is not certain any more`,
        'Give its Envoys one shard: loopctl envoy config --sink-shards, or --shard with the same number.',
      );
  }

  /** One sentence, since the first was found. */
  warning(): string | undefined {
    if (this.#first === undefined) return undefined;
    const who = this.#count === 1 ? `${this.#first} sends` : `${this.#first} and ${String(this.#count - 1)} more send`;
    return `${who} to several workers: give each instance one shard (loopctl envoy config --sink-shards).`;
  }
}
