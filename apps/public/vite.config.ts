import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/public/",
  plugins: [react()],
  worker: { format: "es" },
  build: { target: "es2022", sourcemap: false },
  // Development only: the built app is served by the community server itself.
  server: { proxy: { "/api": "http://localhost:8480", "/log": "http://localhost:8480" } },
});
