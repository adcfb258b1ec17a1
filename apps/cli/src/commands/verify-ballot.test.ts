import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Recount } from "@menshen/wire";
import { Value } from "typebox/value";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import challenged from "../testing/challenged-ballot.json" with { type: "json" };
import { menshenHere } from "../testing/menshen.ts";

const recount = Value.Parse(Recount, challenged.recount);
const folder = mkdtempSync(join(tmpdir(), "menshen-ballot-"));
const file = join(folder, "menshen-ballot-check.json");
let answer: unknown;
let server: Server;
let url = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    const isKnown = request.url?.endsWith(`/motions/${recount.motion.id}`) ?? false;
    response.writeHead(isKnown ? 200 : 404).end(isKnown ? JSON.stringify(answer) : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  answer = recount;
  writeFileSync(file, `${challenged.opening}\n`);
});

const run = (...more: string[]) => menshenHere(["verify", "ballot", file, url, "--json", ...more]);

test("V4 (Benaloh challenge): makes an opened ballot again and comes to the code that its voter wrote down", async () => {
  const grouped = challenged.code.replaceAll(/(.{4})(?=.)/g, "$1 ").toUpperCase();
  const { code, stdout } = await run("--code", grouped);
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    { good: true, number: 3, choice: "against", code: challenged.code },
  ]);
  expect((await run()).code).toBe(0);
});

test("V4 (Benaloh challenge): a program that had sealed something else is found out", async () => {
  writeFileSync(file, challenged.opening.replace('"against"', '"for"'));
  const { code, stdout } = await run("--code", challenged.code);
  expect([code, JSON.parse(stdout)]).toMatchObject([1, { good: false, choice: "for" }]);
});

test("takes no key that the agenda did not name, and no file that is none", async () => {
  answer = { ...recount, motion: { ...recount.motion, title: "别的" } };
  const changed = await run();
  expect([changed.code, JSON.parse(changed.stdout)]).toEqual([1, { good: false, fault: "key" }]);
  writeFileSync(file, "{}");
  expect((await run()).code).toBe(1);
  expect((await run("--code", "12")).code).toBe(2);
  expect((await menshenHere(["verify", "ballot", join(folder, "none"), url])).code).toBe(2);
});

test("says that a motion is not there", async () => {
  writeFileSync(file, challenged.opening.replace(recount.motion.id, recount.communityId));
  const { code, stderr } = await menshenHere(["verify", "ballot", file, url]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("no motion")]);
});
