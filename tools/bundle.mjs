// Builds the browser apps for production, one after another: `node tools/bundle.mjs`. A stage of `npm test`.

import { join } from "node:path";
import { build } from "vite";
import { ROOT } from "./stages.mjs";

process.env.NODE_ENV = "production";
for (const app of ["console", "resident", "public", "kiosk", "city-console"]) {
  await build({ root: join(ROOT, "apps", app), logLevel: "warn" });
}
