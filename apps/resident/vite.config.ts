import { listFiles } from "@menshen/ui/list-files";
import { withoutSchemas } from "@menshen/ui/without-schemas";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/resident/",
  plugins: [withoutSchemas(), react(), listFiles()],
  worker: { format: "es", plugins: () => [withoutSchemas()] },
  build: {
    target: "es2022",
    sourcemap: false,
    rollupOptions: {
      input: { index: "index.html", "service-worker": "src/offline/service-worker.ts" },
      output: {
        // The worker's address never changes; browsers look there for a newer one.
        entryFileNames: ({ name }) => (name === "service-worker" ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
  // Development only: the built app is served by the community server itself.
  server: { proxy: { "/api": "http://localhost:8480", "/log": "http://localhost:8480" } },
});
