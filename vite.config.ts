import { defineConfig } from 'vite';

/** The status page: src/page to dist/page, everything in files of its own, so that its policy needs no exceptions. */
export default defineConfig({
  root: 'src/page',
  base: './',
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    rolldownOptions: { input: 'src/page/page.html' },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
