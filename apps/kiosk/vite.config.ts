import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/kiosk/",
  plugins: [react()],
  worker: { format: "es" },
  build: { target: "es2022", sourcemap: false },
  // Development only: the built app is served by the gate itself, at the address of its configuration.
  server: { proxy: { "/kiosk/api": "http://127.0.0.1:8486" } },
});
