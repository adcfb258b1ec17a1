import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { expect, it } from "vitest";

const builtins = new Set(builtinModules);

// What @hpke/common tries in runtimes without `globalThis.crypto` (Node before 20); no browser gets there.
const allowed = new Set(["crypto from @hpke/common"]);

it("bundles for a browser without anything of Node's", async () => {
  const found = new Set<string>();
  const result = await build({
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
        load: (id) => (id === "\u0000absent" ? "export const webcrypto = undefined;" : null),
      },
    ],
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL("./index.ts", import.meta.url)),
        formats: ["es"],
        fileName: "bundle",
      },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const code = outputs.flatMap((bundle) =>
    "output" in bundle ? bundle.output.map((chunk) => ("code" in chunk ? chunk.code : "")) : [],
  );
  expect([...found].filter((name) => !allowed.has(name))).toEqual([]);
  expect(code.join("\n")).toContain("combinePartials");
});
