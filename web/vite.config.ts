import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// While it is being worked on, the console's own files come from Vite and everything else from a running program.
const program = process.env.TINTYPE_URL ?? "http://127.0.0.1:3000";
const surfaces = ["/api/", "/auth/", "/v1/", "/s/", "/s3/", "/cdn/", "/renditions/", "/objects/", "/openapi", "/pages/",
  "/healthz", "/readyz", "/metrics"];

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: process.env.TINTYPE_CONSOLE_DIR ?? "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // nothing in line: the Content-Security-Policy takes files alone
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    reportCompressedSize: true,
  },
  server: {
    // The host stays as the browser has it, so that addresses that the program signs lead back here.
    proxy: Object.fromEntries(surfaces.map((path) => [path, { target: program, changeOrigin: false }])),
  },
  preview: {
    proxy: Object.fromEntries(surfaces.map((path) => [path, { target: program, changeOrigin: false }])),
  },
});
