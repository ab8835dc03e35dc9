/** debugpy. https://github.com/microsoft/debugpy/wiki/Debug-configuration-settings */
import type { Dialect } from '../dap/dialect.ts';

export const debugpyDialect: Dialect = {
  adapter: 'debugpy',
  // With its libraries' frames it would stop at every exception that is an import's way of looking around.
  attach: (onThrow) => ({ justMyCode: onThrow, subProcess: true, showReturnValue: false }),
  throws: { by: 'filter', filter: 'raised' },
  isEmpty: (line) => /^\s*(?:#|$)/.test(line),
  isInternal: () => false,
  isNoVariable: (name) => /^(?:special|function|class|protected) variables$/.test(name),
  isOpaque: (value) => /^<.* object at 0x[0-9a-f]+>$/i.test(value),
};
