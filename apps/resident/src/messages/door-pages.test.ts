import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const resident = fileURLToPath(new URL("..", import.meta.url));
const kiosk = resolve(resident, "../../kiosk/src");

/** Every file that a page loads with itself: relative imports, followed to their end. What is loaded on a tap is not. */
function loadedBy(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(file, "utf8");
  for (const [, path = ""] of text.matchAll(/^(?:import|export)\b[^;]*?["'](\.[^"']+)["']/gms)) {
    const next = join(dirname(file), path);
    if (/\.(ts|tsx)$/.test(next) && existsSync(next) && statSync(next).isFile()) loadedBy(next, found);
  }
  return found;
}

const PAGES = [
  join(resident, "home/home-page.tsx"),
  join(resident, "pass/pass-page.tsx"),
  join(resident, "visits/visitors-page.tsx"),
  join(resident, "tokens/tokens-page.tsx"),
  join(resident, "main.tsx"),
  join(kiosk, "main.tsx"),
];

test.each(PAGES)("A2 (text 3): %s opens doors and loads nothing commercial and no foreign origin", (page) => {
  const files = [...loadedBy(page)];
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    expect(file).not.toMatch(/messages\/(?!door-pages)/);
    const text = readFileSync(file, "utf8");
    // Texts of the whole app may name the page; nothing asks for what it shows.
    expect(text, file).not.toMatch(/messageEndpoints|ownCommercial|commercial-messages/);
    const origins = text.match(/https?:\/\/[a-z0-9.-]+/gi) ?? [];
    expect(
      origins.filter((origin) => !/^https?:\/\/(www\.w3\.org|localhost|127\.0\.0\.1)/.test(origin)),
      file,
    ).toEqual([]);
  }
});
