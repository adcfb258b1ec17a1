import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hostNamesOf, readConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-config-"));
afterAll(() => rmSync(folder, { recursive: true }));
const listen = { host: "127.0.0.1", port: 0 };
const good = {
  stateDir: "/var/lib/menshen-community",
  http: listen,
  gateTls: listen,
  mqtt: listen,
  publicHost: "localhost",
  database: { embedded: true },
  community: { name: "海棠苑", timeZone: "Asia/Shanghai" },
};

function read(config: object) {
  const file = join(folder, "config.json");
  writeFileSync(file, JSON.stringify(config));
  return readConfig(file);
}

test("a good one is taken as it is", () => {
  expect(read(good)).toEqual(good);
  const site = { ...good, http: { host: "0.0.0.0", port: 8080, publicUrl: "https://gate.example.org" } };
  expect(hostNamesOf(read(site))).toEqual(["localhost", "127.0.0.1", "[::1]", "gate.example.org"]);
  expect(read({ ...good, database: { url: "postgres://u@db/menshen" } }).database).toEqual({
    url: "postgres://u@db/menshen",
  });
});

test.each([
  ["an address beyond loopback without HTTPS", { http: { host: "0.0.0.0", port: 80 } }],
  [
    "an address beyond loopback with plain HTTP",
    { http: { host: "::", port: 80, publicUrl: "http://gate.example" } },
  ],
  ["a time zone that is none", { community: { name: "x", timeZone: "Mars/Olympus" } }],
  ["no listener for gates", { mqtt: undefined }],
  ["a port that is none", { mqtt: { host: "localhost", port: 70_000 } }],
  ["a database that is both", { database: { embedded: true, url: "postgres://db/x" } }],
  ["a demonstration beyond loopback", { demo: { url: "http://192.0.2.1:80", token: "x".repeat(16) } }],
  ["a demonstration with a short token", { demo: { url: "http://127.0.0.1:80", token: "x" } }],
  ["witnesses, which are registered at run time", { evidence: { witnesses: [], quorum: 0 } }],
  ["a misspelt setting", { consolDir: "x" }],
])("%s stops the server", (_, wrong) => {
  expect(() => read({ ...good, ...wrong })).toThrow(expect.objectContaining({ code: "config-invalid" }));
});
