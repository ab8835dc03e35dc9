/** Which loops somebody may be told of at all, as a condition in SQL. */

/** Holds for a row of `table` (the loops) in which one of these services took part. `name` is the parameter of `globsOf`. */
export function withinSql(table: string, name: string): string {
  return `EXISTS (
    SELECT 1 FROM services, json_each(@${name}) AS globs
    WHERE services.loop = ${table}.id AND services.service GLOB globs.value)`;
}

/** As SQLite's GLOB reads them, in which `?` and `[` are special too. */
export function globsOf(services: readonly string[]): string {
  return JSON.stringify(services.map((service) => service.replace(/[?[]/g, '[$&]')));
}
