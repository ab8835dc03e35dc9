import type { CaptureId, Selector, UserPlaces } from '../domain/capture.ts';
import type { StoreKey } from '../seal/keys.ts';
import type { StoredCapture } from '../../storage/captures.ts';
import { openSecrets } from './sealed.ts';

/** Captures that look for this user: by the id, or by a value at a place where ids stand. */
export function capturesOf(
  user: string,
  stored: readonly StoredCapture[],
  key: StoreKey,
  places: UserPlaces,
): readonly CaptureId[] {
  const isOf = ({ user: looked, pairs }: Selector): boolean =>
    looked === user || pairs.some(({ place, value }) => value === user && isPlaceOfIds(place, places));
  return stored.flatMap(({ id, sealed }) => {
    const select = openSecrets(sealed, key, id)?.select;
    return select !== undefined && isOf(select) ? [id] : [];
  });
}

function isPlaceOfIds({ kind, name }: UserPlaces['ids'][number], { ids }: UserPlaces): boolean {
  return ids.some((place) => place.kind === kind && place.name === name);
}
