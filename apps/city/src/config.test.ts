import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hostNamesOf, readConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-city-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const good = {
  stateDir: "state",
  http: { host: "127.0.0.1", port: 0 },
  database: { embedded: true },
  name: "滨江市",
};
function read(config: unknown) {
  const file = join(folder, "city.json");
  writeFileSync(file, JSON.stringify(config));
  return readConfig(file);
}

test("what stands there is taken, and nothing else", () => {
  expect(hostNamesOf(read(good))).toEqual(["localhost", "127.0.0.1", "[::1]"]);
  const proxied = { ...good, http: { host: "0.0.0.0", port: 80, publicUrl: "https://city.example" } };
  expect(hostNamesOf(read(proxied))).toContain("city.example");
  for (const bad of [
    ...[{}, null, [], { ...good, more: 1 }, { ...good, name: "" }, { ...good, database: {} }],
    { ...good, http: { host: "0.0.0.0", port: 80 } },
    { ...good, http: { host: "0.0.0.0", port: 80, publicUrl: "http://city.example" } },
    { ...good, thresholds: { communities: 2 } },
    { ...good, thresholds: { fewest: 1 } },
  ]) {
    expect(() => read(bad), JSON.stringify(bad)).toThrow(expect.objectContaining({ code: "config-invalid" }));
  }
});
