import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePkocCard } from "@menshen/credentials";
import { serveApduSocket } from "@menshen/credentials/node";
import * as crypto from "@menshen/crypto/node";
import { afterEach, expect, test } from "vitest";
import { menshenHere } from "../testing/menshen.ts";

const directory = mkdtempSync(join(tmpdir(), "menshen-pkoc-"));
const holder = crypto.p256FromSecret(crypto.fromHex("42".repeat(32)));
let server: Server | undefined;

afterEach(async () => {
  await new Promise((resolve) => server?.close(resolve));
  rmSync(directory, { recursive: true, force: true });
});

test("a PKOC card that is shown at a desk tells what it is enrolled by, once it has proved it", async () => {
  const path = join(directory, "card");
  const cards = [
    makePkocCard({ primitives: crypto, key: holder }),
    makePkocCard({ primitives: crypto, key: { ...crypto.p256Generate(), publicKey: holder.publicKey } }),
  ];
  server = createServer((stream) => {
    const card = cards.shift();
    if (card !== undefined) serveApduSocket(stream, card);
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));

  const shown = await menshenHere(["card", "read", `unix:${path}`, "--json"]);
  expect(shown.code).toBe(0);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    kind: "uid-only",
    pkoc: crypto.toHex(holder.publicKey.subarray(1, 33)),
  });

  const forged = await menshenHere(["card", "read", `unix:${path}`, "--json"]);
  expect(JSON.parse(forged.stdout)).not.toHaveProperty("pkoc");
});
