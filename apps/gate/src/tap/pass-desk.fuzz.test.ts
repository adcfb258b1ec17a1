import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as crypto from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openFileSeal } from "../keys/seal.ts";
import { parseScan } from "../kiosk/kiosk-server.ts";
import { makeStateKeeper, type StateKeeper } from "../store/state-keeper.ts";
import { makePassGate, phoneKeyOf, phonePassText, visitorText } from "../testing/test-pass-gate.ts";
import { makeTestPublicLog } from "../testing/test-public-log.ts";
import { READER } from "../testing/test-site.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 80);
const START = Date.parse("2026-11-22T21:00:00+08:00");
const resident = crypto.p256FromSecret(crypto.fromHex("11".repeat(32)));

let folder: string;
let keeper: StateKeeper;
let gate: Awaited<ReturnType<typeof makePassGate>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "menshen-pass-"));
  keeper = makeStateKeeper(join(folder, "state.db"));
  gate = await makePassGate({
    startMs: START,
    log: await makeTestPublicLog(),
    seal: openFileSeal(folder),
    keeper,
    phones: [resident],
    credentials: [{ key: phoneKeyOf(resident), kind: "phone-pass", grade: "C" }],
    passes: undefined,
    knowsLog: false,
  });
});
afterAll(() => {
  keeper.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Anything, and codes with one character of them changed. */
const shown = () => {
  const codes = [
    phonePassText(resident, START),
    visitorText(resident, { notBefore: Instant(START), notAfter: Instant(START) }),
  ];
  const torn = fc
    .tuple(fc.constantFrom(...codes), fc.nat(), fc.string({ maxLength: 2 }))
    .map(([code, at, put]) => {
      const place = at % code.length;
      return code.slice(0, place) + put + code.slice(place + 1);
    })
    .filter((text) => !codes.includes(text));
  const prefixed = fc.tuple(
    fc.constantFrom("MP:", "MA:", "MV:", "MT:", "v", "t", "https://x/#v"),
    fc.string(),
  );
  return fc.oneof(
    fc.string({ maxLength: 400 }),
    fc.string({ unit: "binary", maxLength: 400 }),
    prefixed.map((parts) => parts.join("")),
    torn,
  );
};

it("whatever is shown is refused with a reason", async () => {
  gate.after(0);
  await fc.assert(
    fc.asyncProperty(shown(), async (text) => {
      const outcome = await gate.desk.scan(READER, text);
      expect(outcome?.granted).toBe(false);
      expect(outcome?.reasons.length).toBeGreaterThan(0);
    }),
    { numRuns },
  );
});

it("whatever is posted is a text or nothing", () => {
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc.record({ text: fc.anything() }).map((value) => new TextEncoder().encode(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(bodies, (body) => {
      const parsed = parseScan(body);
      if (parsed !== undefined) expect(Object.keys(parsed)).toEqual(["text"]);
    }),
    { numRuns },
  );
});
