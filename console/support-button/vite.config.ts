import { defineConfig } from 'vite';

/** One file of a fixed name, without imports: a page of another origin loads it with one tag. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    target: 'es2023',
    lib: { entry: 'main.ts', formats: ['iife'], name: 'LoopSupportButton', fileName: () => 'support-button.js' },
    reportCompressedSize: false,
  },
});
