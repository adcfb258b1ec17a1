import { inlineStyles } from "@menshen/ui/inline-styles";
import { listFiles } from "@menshen/ui/list-files";
import { withoutSchemas } from "@menshen/ui/without-schemas";
import { defineConfig } from "vite";

/** The worker is a program of its own: nothing else is loaded where it starts. */
const OF_THE_WORKER = /\/offline\/(?:service-worker|shell-worker|list-files)\.ts$/;

export default defineConfig({
  base: "/resident/",
  // Written for React and run by Preact, which a slow telephone has in a tenth of the time: docs/decisions/0027.
  resolve: {
    alias: {
      "react-dom/client": "preact/compat/client",
      "react/jsx-runtime": "preact/jsx-runtime",
      "react/jsx-dev-runtime": "preact/jsx-dev-runtime",
      react: "preact/compat",
    },
  },
  plugins: [withoutSchemas(), inlineStyles(), listFiles()],
  worker: { format: "es", plugins: () => [withoutSchemas()] },
  build: {
    target: "es2022",
    sourcemap: false,
    // Browsers of this target know it themselves.
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { index: "index.html", "service-worker": "src/offline/service-worker.ts" },
      output: {
        // The first page takes one file: on a slow network each request is a wait of its own.
        codeSplitting: {
          groups: [{ name: "first", tags: ["$initial"], test: (id) => !OF_THE_WORKER.test(id) }],
        },
        // The worker's address never changes; browsers look there for a newer one.
        entryFileNames: ({ name }) => (name === "service-worker" ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
  // Development only: the built app is served by the community server itself.
  server: { proxy: { "/api": "http://localhost:8480", "/log": "http://localhost:8480" } },
});
