import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PALETTE_PAGES } from "./console-pages.ts";

const SRC = join(import.meta.dirname, "..");
const source = (file: string) => readFileSync(join(SRC, file), "utf8");
const known = new Set(PALETTE_PAGES.map(({ path }) => path.split("#")[0]));

/** Custodians have no palette, and who is signed in needs no page for it. */
const WITHOUT = new Set(["/custodian", "/sign-in"]);

test("the palette knows every page", () => {
  const routes = [...source("pages.tsx").matchAll(/<Route\s+path="(\/[^"]*)"/g)].map(([, path = ""]) =>
    path === "/" ? path : path.replace(/\/\*$/, ""),
  );
  expect(routes).toContain("/reception");
  expect(routes.filter((path) => !known.has(path) && !WITHOUT.has(path))).toEqual([]);
});

test("the palette knows every page that a list of links leads to", () => {
  const linked = sources(SRC).flatMap((text) =>
    [...text.matchAll(/\{ path: "(\/[^"#]*)", key: "/g)].map(([, path = ""]) => path),
  );
  expect(linked).toContain("/doors/plans");
  expect(linked.filter((path) => !known.has(path))).toEqual([]);
});

test("every section that the palette leads to stands on its page", () => {
  const texts = sources(SRC);
  for (const { path } of PALETTE_PAGES) {
    const [, id] = path.split("#");
    if (id === undefined) continue;
    expect(
      texts.some((text) => text.includes(`id="${id}"`)),
      id,
    ).toBe(true);
  }
});

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".tsx") || file.endsWith("-nav.ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"));
}
