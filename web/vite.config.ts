import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // A data: address would be refused by the host's content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
