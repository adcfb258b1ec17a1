import { spawn } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openStorePlace } from "./store-place.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-shares-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
function freshDirectory(): string {
  count += 1;
  return join(folder, String(count));
}
const bytes = (fill: number, size = 1_000) => new Uint8Array(size).fill(fill);
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("a place is closed to others and marked against backups", async () => {
  const place = openStorePlace(freshDirectory());
  await place.alone(async () => place.replace(bytes(1)));
  expect(modeOf(place.directory)).toBe("700");
  expect(modeOf(join(place.directory, "shares"))).toBe("600");
  expect(readFileSync(join(place.directory, "CACHEDIR.TAG"), "utf8")).toMatch(
    /^Signature: 8a477f597d28d172789f06886806bc55\n/,
  );
});

test("what was replaced is written over: nothing of it is left under any name (privacy row L2)", async () => {
  const place = openStorePlace(freshDirectory());
  await place.alone(async () => place.replace(bytes(1)));
  const witness = join(folder, "witness");
  linkSync(join(place.directory, "shares"), witness);
  await place.alone(async () => place.replace(bytes(2)));
  expect(place.read()).toEqual(bytes(2));
  // Another name of the old file's blocks shows what became of them.
  const left = readFileSync(witness);
  expect(left).toHaveLength(1_000);
  expect(left.filter((byte) => byte === 1).length).toBeLessThan(100);
  const names = readdirSync(place.directory).toSorted();
  expect(names.filter((name) => name.startsWith("shares"))).toEqual(["shares"]);
});

test("cut short before the new one took its place, the store is the old one", async () => {
  const place = openStorePlace(freshDirectory());
  await place.alone(async () => place.replace(bytes(1)));
  const file = join(place.directory, "shares");
  linkSync(file, `${file}.old`);
  writeFileSync(`${file}.new`, bytes(2, 500));
  expect(await place.alone(async () => place.read())).toEqual(bytes(1));
  expect(existsSync(`${file}.old`) || existsSync(`${file}.new`)).toBe(false);
});

test("cut short after it, the old one is written over at the next opening", async () => {
  const place = openStorePlace(freshDirectory());
  await place.alone(async () => place.replace(bytes(2)));
  const old = join(place.directory, "shares.old");
  writeFileSync(old, bytes(1));
  linkSync(old, join(folder, "old-blocks"));
  expect(await place.alone(async () => place.read())).toEqual(bytes(2));
  expect(existsSync(old)).toBe(false);
  expect(readFileSync(join(folder, "old-blocks")).filter((byte) => byte === 1).length).toBeLessThan(100);
});

test("ten times kill -9 while it is written: the store is whole, and the last acknowledged one or a later", async () => {
  const directory = freshDirectory();
  const size = 60_000;
  const worker = fileURLToPath(new URL("./testing/replace-worker.ts", import.meta.url));
  let replaced = 0;
  for (let kill = 0; kill < 10; kill += 1) {
    const child = spawn(process.execPath, [worker, directory, String(size)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (text: Buffer) => {
        replaced += text.length;
        // A few milliseconds more or less: the kill comes at any point of a replacement.
        setTimeout(() => child.kill("SIGKILL"), (kill * 7) % 11);
      });
      child.on("close", () => resolve());
    });
    const place = openStorePlace(directory);
    const read = await place.alone(async () => place.read());
    expect(read).toHaveLength(size);
    expect(new Set(read).size).toBe(1);
  }
  expect(replaced).toBeGreaterThanOrEqual(10);
});
