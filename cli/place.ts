/** Which Loop a command is about, of all the ways to say so. */

export interface PlaceOptions {
  readonly data?: string;
  readonly url?: string;
  readonly context?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type Place =
  | { readonly kind: 'url'; readonly url: string }
  /** A data directory of this machine; undefined is the usual one. */
  | { readonly kind: 'data'; readonly data: string | undefined }
  | { readonly kind: 'context'; readonly name: string }
  /** Nothing was said: the current context, else this machine. */
  | { readonly kind: 'unsaid' };

/**
 * --url, --data, LOOP_URL, --context, LOOP_CONTEXT, LOOP_DATA, in this order. `passedOver`: an option that was given and is not followed,
 * because what comes before it was set too.
 */
export function choosePlace(
  { url, data, context }: PlaceOptions,
  environment: Environment,
): { readonly place: Place; readonly passedOver?: string } {
  const set = (name: string) => environment[name] || undefined;
  const over = (winner: string) =>
    context === undefined ? {} : { passedOver: `--context ${context} is not followed, because of ${winner}` };
  if (url !== undefined) return { place: { kind: 'url', url }, ...over('--url') };
  if (data !== undefined) return { place: { kind: 'data', data }, ...over('--data') };
  const elsewhere = set('LOOP_URL');
  if (elsewhere !== undefined) return { place: { kind: 'url', url: elsewhere }, ...over('LOOP_URL') };
  const name = context ?? set('LOOP_CONTEXT');
  if (name !== undefined) return { place: { kind: 'context', name } };
  const here = set('LOOP_DATA');
  return { place: here === undefined ? { kind: 'unsaid' } : { kind: 'data', data: here } };
}
