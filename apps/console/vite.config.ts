import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: { target: "es2022", sourcemap: false, chunkSizeWarningLimit: 1_500 },
  // Development only: the built console is served by the community server itself.
  server: { proxy: { "/api": process.env.MENSHEN_API ?? "http://localhost:8480" } },
});
