/** A dial nothing was recorded for, or a handshake that the service itself broke off. */
export interface Refusal {
  readonly kind: 'tcp' | 'udp' | 'unix' | 'dns' | 'tls';
  /** Name or address, with port where there is one. */
  readonly target: string;
  readonly reason: string;
  /** What to type or change: one sentence. */
  readonly hint?: string;
}
