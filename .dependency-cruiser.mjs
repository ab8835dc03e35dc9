import { boundaries } from './scripts/check/boundaries.mjs';

export default {
  forbidden: boundaries,
  options: {
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['^dist/', '^coverage/', '^console/dist/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    // Also imports of types, which vanish at run time: a type is an arrow too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      // The last two find packages that hold nothing but types.
      mainFields: ['module', 'main', 'types', 'typings'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
