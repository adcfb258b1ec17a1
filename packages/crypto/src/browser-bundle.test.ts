import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";
import { describe, expect, it } from "vitest";

// The one allowed mention: @hpke/common looks for `crypto` in runtimes without `globalThis.crypto` (Node before 20).
// No browser gets there.
const allowed = new Set(["crypto from @hpke/common"]);

const builtins = new Set(builtinModules);

function isBuiltin(id: string): boolean {
  return id.startsWith("node:") || builtins.has(id);
}

/** Bundles an entry for a browser; answers what it would need of Node. */
async function nodeImportsOf(entry: string): Promise<{ found: string[]; code: string }> {
  const found = new Set<string>();
  const watch: Plugin = {
    name: "note-node-imports",
    enforce: "pre",
    resolveId(id, importer) {
      if (!isBuiltin(id)) return null;
      const origin = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(importer ?? "")?.[1] ?? importer ?? "?";
      found.add(`${id} from ${origin}`);
      return { id: "\u0000absent", moduleSideEffects: false };
    },
    load: (id) => (id === "\u0000absent" ? "export const webcrypto = undefined;" : null),
  };
  const result = await build({
    configFile: false,
    logLevel: "silent",
    plugins: [watch],
    build: { write: false, minify: false, lib: { entry, formats: ["es"], fileName: "bundle" } },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const code = outputs.flatMap((bundle) =>
    "output" in bundle ? bundle.output.map((chunk) => ("code" in chunk ? chunk.code : "")) : [],
  );
  return { found: [...found].filter((name) => !allowed.has(name)), code: code.join("\n") };
}

describe("the browser module", () => {
  it("bundles without anything of Node's", async () => {
    const { found, code } = await nodeImportsOf(fileURLToPath(new URL("./index.ts", import.meta.url)));
    expect(found).toEqual([]);
    expect(code).toContain("coseVerify1");
    expect(code).not.toMatch(/(?:from|import|require)\s*\(?\s*["']node:/);
  });

  it("would fail on the Node module", async () => {
    const { found } = await nodeImportsOf(fileURLToPath(new URL("./node/index.ts", import.meta.url)));
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((name) => name.startsWith("node:crypto from "))).toBe(true);
  });
});
