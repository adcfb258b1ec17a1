import { withoutSchemas } from "@menshen/ui/without-schemas";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  plugins: [withoutSchemas(), react()],
  build: { target: "es2022", sourcemap: false },
  // Development only: the built app is served by the city server itself.
  server: { proxy: { "/api": "http://localhost:8490" } },
});
