let made = 0;

/** A name for whoever may hold the service still: one per connection. */
export function newHolder(protocol: string): string {
  made += 1;
  return `${protocol} ${made}`;
}
