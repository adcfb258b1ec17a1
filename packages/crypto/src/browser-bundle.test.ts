import { fileURLToPath } from "node:url";
import { bundleForBrowser } from "@menshen/testkit/browser-bundle";
import { describe, expect, it } from "vitest";

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

describe("the browser module", () => {
  it("bundles without anything of Node's", async () => {
    const { code, nodeImports } = await bundleForBrowser(pathOf("./index.ts"));
    expect(nodeImports).toEqual([]);
    expect(code).toContain("coseVerify1");
    expect(code).not.toMatch(/(?:from|import|require)\s*\(?\s*["']node:/);
  });

  it("would fail on the Node module", async () => {
    const { nodeImports } = await bundleForBrowser(pathOf("./node/index.ts"));
    expect(nodeImports.length).toBeGreaterThan(0);
    expect(nodeImports.filter((name) => !/^node:(?:crypto|util) from /.test(name))).toEqual([]);
  });
});
