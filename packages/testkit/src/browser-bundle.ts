import { builtinModules } from "node:module";
import { build, type Plugin } from "vite";

/** What an entry needs when it is bundled for a browser. */
export interface BrowserBundle {
  /** Modules of Node that it would need, as `node:net from here` or `crypto from some-package`. */
  readonly nodeImports: readonly string[];
  /** The bundle's text, not minified. */
  readonly code: string;
}

// The one allowed mention: @hpke/common looks for `crypto` in runtimes without `globalThis.crypto` (Node before 20).
// No browser gets there.
const ALLOWED = new Set(["crypto from @hpke/common"]);
const BUILTINS = new Set(builtinModules);

/**
 * Bundles an entry for a browser.
 *
 * @param entry path of the module
 */
export async function bundleForBrowser(entry: string): Promise<BrowserBundle> {
  const found = new Set<string>();
  const watch: Plugin = {
    name: "note-node-imports",
    enforce: "pre",
    resolveId(id, importer) {
      if (!id.startsWith("node:") && !BUILTINS.has(id)) return null;
      const origin = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(importer ?? "")?.[1] ?? "here";
      found.add(`${id} from ${origin}`);
      return { id: "\u0000absent", moduleSideEffects: false };
    },
    load: (id) => (id === "\u0000absent" ? "export default {};" : null),
  };
  const result = await build({
    configFile: false,
    logLevel: "silent",
    plugins: [watch],
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ["es"], fileName: "bundle" },
      // What an absent module would export is undefined.
      rolldownOptions: { shimMissingExports: true },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const code = outputs.flatMap((bundle) =>
    "output" in bundle ? bundle.output.map((chunk) => ("code" in chunk ? chunk.code : "")) : [],
  );
  return { nodeImports: [...found].filter((name) => !ALLOWED.has(name)), code: code.join("\n") };
}
