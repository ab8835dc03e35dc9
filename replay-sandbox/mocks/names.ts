/**
 * Names the service dialled in production, each with an address of the benchmark range 198.18.0.0/15 (RFC 2544), which no real dependency has.
 */
export class AddressBook {
  readonly #addressOf = new Map<string, string>();
  readonly #nameOf = new Map<string, string>();

  constructor(names: Iterable<string>) {
    for (const name of new Set([...names].map(canonical))) {
      const address = isAddress(name) ? bare(name) : benchmarkAddress(this.#addressOf.size + 1);
      this.#addressOf.set(name, address);
      this.#nameOf.set(address, name);
    }
  }

  /**
   * The address of a name as a resolver would ask for it: the recorded name itself, a longer form with a search suffix, or its short form.
   * Undefined for a name that was not recorded.
   */
  resolve(query: string): string | undefined {
    const asked = canonical(query);
    const known = this.#addressOf.get(asked);
    if (known !== undefined) return known;
    for (const [name, address] of this.#addressOf) {
      if (!isAddress(name) && (asked.startsWith(`${name}.`) || name.startsWith(`${asked}.`))) return address;
    }
    return undefined;
  }

  nameOf(address: string): string | undefined {
    return this.#nameOf.get(address);
  }

  names(): readonly string[] {
    return [...this.#addressOf.keys()];
  }
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** `[2001:db8::1]`, as a URL has it, is dialled as `2001:db8::1`. */
function bare(address: string): string {
  return address.replace(/^\[|\]$/g, '');
}

function isAddress(name: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || name.includes(':');
}

function benchmarkAddress(ordinal: number): string {
  return `198.18.${(ordinal >> 8) & 255}.${ordinal & 255}`;
}
