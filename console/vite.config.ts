import { defineConfig } from 'vite';

/** `npm run -s console:dev` (vite) sends what is asked of the API here: a loopd, `http://127.0.0.1:5679` by default. */
const api = process.env['LOOP_SERVER'] ?? 'http://127.0.0.1:5679';

export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    manifest: true,
    // A polyfill would be an inline script's habit; every browser that runs the rest has it.
    modulePreload: { polyfill: false },
    // Nothing as data: or inline, whatever its size: the policy of the page allows neither.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': { target: api, changeOrigin: false } } },
});
