/**
 * The function that writes a value down inside the process being debugged, as source text. It reads own data properties only: a getter or a
 * proxy trap would run the service's code while it is paused. At most 400 characters, three levels, ten members each.
 */
export const RENDER = `function () {
  const MEMBERS = 10, LEVELS = 3, CHARACTERS = 400;
  const leaf = (value) => {
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'bigint') return value + 'n';
    if (typeof value === 'function') return 'ƒ ' + value.name;
    return Object.is(value, -0) ? '-0' : String(value);
  };
  const write = (value, level) => {
    if (typeof value !== 'object' || value === null) return leaf(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof Error) return value.name + ': ' + value.message;
    if (value instanceof Map) return 'Map(' + value.size + ')' + (level === 0 ? '' : write(Object.fromEntries([...value].slice(0, MEMBERS)), level));
    if (value instanceof Set) return 'Set(' + value.size + ')' + (level === 0 ? '' : write([...value].slice(0, MEMBERS), level));
    const list = Array.isArray(value);
    const names = list ? Object.keys(value).filter((name) => /^[0-9]+$/.test(name)) : Object.keys(value);
    if (level === 0 && names.length > 0) return list ? '[…]' : '{…}';
    const members = names.slice(0, MEMBERS).map((name) => {
      const { value: member, get } = Object.getOwnPropertyDescriptor(value, name) ?? {};
      const text = get === undefined ? write(member, level - 1) : '(getter)';
      return list ? text : name + ': ' + text;
    });
    if (names.length > MEMBERS) members.push('…');
    const type = value.constructor?.name;
    const named = list || type === undefined || type === 'Object' ? '' : type + ' ';
    if (list) return '[' + members.join(', ') + ']';
    return named + (members.length === 0 ? '{}' : '{ ' + members.join(', ') + ' }');
  };
  const text = write(this, LEVELS);
  return text.length > CHARACTERS ? text.slice(0, CHARACTERS - 1) + '…' : text;
}`;
