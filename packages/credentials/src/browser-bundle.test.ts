import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { describe, expect, it } from "vitest";

// What @hpke/common tries in runtimes without `globalThis.crypto` (Node before 20); no browser gets there.
const allowed = new Set(["crypto from @hpke/common"]);
const builtins = new Set(builtinModules);

/** Bundles an entry for a browser; answers what it would need of Node. */
async function nodeImportsOf(entry: string): Promise<readonly string[]> {
  const found = new Set<string>();
  await build({
    configFile: false,
    logLevel: "silent",
    plugins: [
      {
        name: "note-node-imports",
        enforce: "pre",
        resolveId(id, importer) {
          if (!id.startsWith("node:") && !builtins.has(id)) return null;
          const origin = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(importer ?? "")?.[1] ?? "here";
          found.add(`${id} from ${origin}`);
          return { id: "\u0000absent", moduleSideEffects: false };
        },
        load: (id) => (id === "\u0000absent" ? "export default {};" : null),
      },
    ],
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ["es"], fileName: "bundle" },
      rolldownOptions: { shimMissingExports: true },
    },
  });
  return [...found].filter((name) => !allowed.has(name));
}

describe("the browser module", () => {
  it("bundles without anything of Node's", async () => {
    expect(await nodeImportsOf(fileURLToPath(new URL("./index.ts", import.meta.url)))).toEqual([]);
  });

  it("would fail on the Node module", async () => {
    const found = await nodeImportsOf(fileURLToPath(new URL("./node/index.ts", import.meta.url)));
    expect(found).toContain("node:net from here");
  });
});
