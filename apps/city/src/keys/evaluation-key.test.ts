import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes, voprfGenerate } from "@menshen/crypto/node";
import { afterAll, expect, test } from "vitest";
import { startTestCity } from "../testing/test-city.ts";
import { loadEvaluationKey } from "./evaluation-key.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-city-key-"));
afterAll(() => rmSync(folder, { recursive: true }));
const unreadable = expect.objectContaining({ code: "keys-unreadable" });

test("made once, read again, and no other is taken for it", async () => {
  const { db } = await startTestCity();
  const file = join(folder, "keys", "evaluation.key");
  const made = await loadEvaluationKey(file, db);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await loadEvaluationKey(file, db)).toEqual(made);
  chmodSync(file, 0o640);
  await expect(loadEvaluationKey(file, db)).rejects.toThrow(unreadable);
  chmodSync(file, 0o600);
  for (const bytes of [voprfGenerate(randomBytes).secretKey, new Uint8Array(32), new Uint8Array(3)]) {
    writeFileSync(file, bytes);
    await expect(loadEvaluationKey(file, db)).rejects.toThrow(unreadable);
  }
  rmSync(file);
  await expect(loadEvaluationKey(file, db)).rejects.toThrow(unreadable);
  writeFileSync(file, made.secretKey, { mode: 0o600 });
  expect(await loadEvaluationKey(file, db)).toEqual(made);
});
