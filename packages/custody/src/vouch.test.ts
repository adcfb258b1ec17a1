import { concatBytes, ed25519FromSecret, ed25519Verify, fromHex, sha512 } from "@menshen/crypto";
import { expect, it } from "vitest";
import { encodeSetup } from "./ceremony-setup.ts";
import type { CustodianSet } from "./custodian-set.ts";
import { makeTable, play } from "./testing/play.ts";
import { seededRandom } from "./testing/seeded-random.ts";
import { verifyVouch, verifyVouchedCertificate, vouchFor } from "./vouch.ts";

const random = seededRandom("vouch");
const { setup, keys } = makeTable({ threshold: { k: 2, n: 3 }, epochCount: 2, random });
const [end] = play(setup, keys, random);
if (end?.phase !== "finished") throw new Error("the ceremony did not finish");
const { certificate } = end;
const seeds = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill));
const set: CustodianSet = {
  version: 1,
  threshold: 2,
  members: ["committee", "property", "city"].map((body, position) => ({
    body,
    identityKey: ed25519FromSecret(new Uint8Array(32).fill(position + 1)).publicKey,
  })),
};
const vouches = seeds.map((seed) => vouchFor(seed, setup));

it("signs the text of the protocol page", () => {
  const text = concatBytes(
    fromHex("4d454e5348454e2d435553544f44592d564f554348"), // MENSHEN-CUSTODY-VOUCH
    fromHex("01"),
    sha512(encodeSetup(setup)),
  );
  expect(ed25519Verify(set.members[0]?.identityKey ?? fromHex(""), text, vouches[0] ?? fromHex(""))).toBe(
    true,
  );
});

it("holds for one setup and one custodian", () => {
  const key = set.members[0]?.identityKey ?? fromHex("");
  const vouch = vouches[0] ?? fromHex("");
  expect(verifyVouch(key, setup, vouch)).toBe(true);
  expect(verifyVouch(key, { ...setup, firstEpoch: 8 }, vouch)).toBe(false);
  expect(verifyVouch(set.members[1]?.identityKey ?? fromHex(""), setup, vouch)).toBe(false);
  expect(verifyVouch(key, setup, vouch.slice(1))).toBe(false);
});

it("gives the keys of a certificate that all custodians vouched for", () => {
  const verdict = verifyVouchedCertificate(set, certificate, vouches);
  expect(verdict.valid && verdict.keys.map(({ epoch }) => epoch)).toEqual([7, 8]);
});

it("names who did not vouch", () => {
  const [a, b, c] = vouches;
  if (a === undefined || b === undefined || c === undefined) throw new Error("three vouches");
  expect(verifyVouchedCertificate(set, certificate, [a, b])).toEqual({
    valid: false,
    reason: "not-vouched",
    custodians: [3],
  });
  expect(verifyVouchedCertificate(set, certificate, [b, a, c])).toEqual({
    valid: false,
    reason: "not-vouched",
    custodians: [1, 2],
  });
});

it("refuses another threshold, and names whose part of the certificate was changed", () => {
  expect(verifyVouchedCertificate({ ...set, threshold: 3 }, certificate, vouches)).toEqual({
    valid: false,
    reason: "other-threshold",
    custodians: [],
  });
  const changed = certificate.slice();
  changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1;
  expect(verifyVouchedCertificate(set, changed, vouches)).toEqual({
    valid: false,
    reason: "not-agreed",
    custodians: [1, 2, 3],
  });
});
