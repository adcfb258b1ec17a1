import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { primitives } from "@menshen/crypto";
import { makeTestAuthority } from "@menshen/testkit/time-stamping";
import { afterAll, describe, expect, test } from "vitest";
import { timestampRequest, verifyTimestamp } from "./timestamp.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-stamp-"));
const DATA = new TextEncoder().encode("what is to be stamped\n");
const DIGEST = primitives.sha256(DATA);
const NONCE = Uint8Array.of(0x80, 2, 3, 4, 5, 6, 7, 8);
const openssl = (...args: string[]) =>
  execFileSync("openssl", args, { cwd: folder, stdio: "pipe" }).toString();

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["rsa:2048", "ec"] as const)("an authority of OpenSSL with a key of %s", (key) => {
  const authority = makeTestAuthority(key);
  const request = timestampRequest(DIGEST, NONCE);
  const answer = authority.answer(request);
  afterAll(authority.remove);

  test("understands the request, and its answer is a stamp here and there", async () => {
    writeFileSync(join(folder, "data"), DATA);
    writeFileSync(join(folder, "q.tsq"), request);
    writeFileSync(join(folder, "a.tsr"), answer);
    const read = openssl("ts", "-query", "-in", "q.tsq", "-text");
    expect(read).toContain("Hash Algorithm: sha256");
    expect(read).toContain("Nonce: 0x8002030405060708");
    expect(read).toContain("Certificate required: yes");
    const checked = openssl(
      "ts",
      "-verify",
      "-in",
      "a.tsr",
      "-queryfile",
      "q.tsq",
      "-CAfile",
      authority.root,
    );
    expect(checked).toContain("Verification: OK");
    const verdict = await verifyTimestamp(answer, DIGEST, NONCE);
    if (!verdict.stamped) throw new Error(verdict.fault);
    expect(Math.abs(verdict.at - Date.now())).toBeLessThan(60_000);
    expect(verdict).toMatchObject({ serial: "02", signerSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test("stamps nothing else and answers nobody else", async () => {
    const other = primitives.sha256(Uint8Array.of(1));
    expect(await verifyTimestamp(answer, other, NONCE)).toEqual({ stamped: false, fault: "other-content" });
    const nonce = NONCE.with(3, 9);
    expect(await verifyTimestamp(answer, DIGEST, nonce)).toEqual({ stamped: false, fault: "other-request" });
  });

  test("an answer with a changed time, digest or signature is none", async () => {
    const text = Buffer.from(answer).toString("latin1");
    const time = text.search(/20\d{12}Z/);
    for (const place of [time + 3, text.indexOf(Buffer.from(DIGEST).toString("latin1")), answer.length - 5]) {
      const changed = answer.with(place, (answer[place] ?? 0) ^ 1);
      expect((await verifyTimestamp(changed, DIGEST, NONCE)).stamped).toBe(false);
    }
  });

  test("cuts and any changed byte never throw, and never say another time", async () => {
    const good = await verifyTimestamp(answer, DIGEST, NONCE);
    const at = good.stamped ? good.at : 0;
    for (let place = 0; place < answer.length; place += 7) {
      expect((await verifyTimestamp(answer.subarray(0, place), DIGEST, NONCE)).stamped).toBe(false);
      const verdict = await verifyTimestamp(answer.with(place, (answer[place] ?? 0) ^ 0x55), DIGEST, NONCE);
      if (verdict.stamped) expect(verdict.at).toBe(at);
    }
  });
});

test("a refusal is told as one, and what is no answer as none", async () => {
  // RFC 3161 §2.4.2: status 2, rejection.
  const refusal = Uint8Array.of(0x30, 5, 0x30, 3, 2, 1, 2);
  expect(await verifyTimestamp(refusal, DIGEST, NONCE)).toEqual({ stamped: false, fault: "refused" });
  const granted = Uint8Array.of(0x30, 5, 0x30, 3, 2, 1, 0);
  expect(await verifyTimestamp(granted, DIGEST, NONCE)).toEqual({ stamped: false, fault: "malformed" });
  expect(await verifyTimestamp(new Uint8Array(70_000), DIGEST, NONCE)).toMatchObject({ stamped: false });
});
