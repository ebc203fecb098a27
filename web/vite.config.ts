import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const HUB = 'http://127.0.0.1:7600';

// biome-ignore lint/style/noDefaultExport: Vite reads the default export.
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2024',
    // Nothing is inlined: the policy of the server allows files of its own alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': HUB } },
});
