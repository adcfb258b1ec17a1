import { fileURLToPath } from "node:url";
import { bundleForBrowser } from "@menshen/testkit/browser-bundle";
import { expect, it } from "vitest";

it("bundles for a browser without anything of Node's", async () => {
  const entry = fileURLToPath(new URL("./index.ts", import.meta.url));
  const { code, nodeImports } = await bundleForBrowser(entry);
  expect(nodeImports).toEqual([]);
  expect(code).toContain("combinePartials");
});
