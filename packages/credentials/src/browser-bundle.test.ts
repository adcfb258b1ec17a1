import { fileURLToPath } from "node:url";
import { bundleForBrowser } from "@menshen/testkit/browser-bundle";
import { describe, expect, it } from "vitest";

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

describe("the browser module", () => {
  it("bundles without anything of Node's", async () => {
    expect((await bundleForBrowser(pathOf("./index.ts"))).nodeImports).toEqual([]);
  });

  it("would fail on the Node module", async () => {
    const { nodeImports } = await bundleForBrowser(pathOf("./node/index.ts"));
    expect(nodeImports).toContain("node:net from here");
  });
});
