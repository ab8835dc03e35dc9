/** Delve. https://github.com/go-delve/delve/tree/master/Documentation/api/dap */
import type { Dialect } from '../dap/dialect.ts';

export const delveDialect: Dialect = {
  adapter: 'go',
  attach: () => ({ mode: 'remote', stopOnEntry: false }),
  // Its own stops are at panics that nobody recovers; servers recover those of their handlers.
  throws: { by: 'function', function: 'runtime.gopanic', argument: 'e' },
  isEmpty: (line) => /^\s*(?:\/\/|$)/.test(line),
  isInternal: ({ name }) => name.startsWith('runtime.'),
  isNoVariable: (name) => name.startsWith('~'),
  isOpaque: () => false,
  atEnd: 'disconnect',
};
