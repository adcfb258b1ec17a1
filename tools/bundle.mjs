// Builds the browser apps for production, one after another: `node tools/bundle.mjs`. A stage of `npm test`. Texts whose names
// carry their hash are compressed into files beside them: a server that finds none does it again at each of its starts.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { build } from "vite";
import { ROOT } from "./stages.mjs";

const compress = promisify(brotliCompress);
const SMALLEST = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

process.env.NODE_ENV = "production";
for (const app of ["console", "resident", "public", "kiosk", "city-console"]) {
  const root = join(ROOT, "apps", app);
  await build({ root, logLevel: "warn" });
  // Gates send theirs as they are.
  if (app === "kiosk") continue;
  const assets = join(root, "dist/assets");
  const texts = readdirSync(assets).filter((name) => /\.(?:js|css|json|svg)$/.test(name));
  await Promise.all(
    texts.map(async (name) => {
      const path = join(assets, name);
      writeFileSync(`${path}.br`, await compress(readFileSync(path), SMALLEST));
    }),
  );
}
