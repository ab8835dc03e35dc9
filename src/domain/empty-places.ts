/** One after another: V8 then knows that none is missing, and Array.from takes three times as long. */
export function emptyPlaces<Item>(count: number): (Item | undefined)[] {
  const places: (Item | undefined)[] = [];
  for (let index = 0; index < count; index += 1) places.push(undefined);
  return places;
}
