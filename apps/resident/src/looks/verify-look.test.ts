import * as crypto from "@menshen/crypto";
import {
  appendLeaves,
  commitLeaf,
  EMPTY_EDGE,
  encodeLeaf,
  formatCheckpoint,
  formatLogProof,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  noteKey,
  rootOfEdge,
  signNote,
} from "@menshen/evidence";
import type { Look } from "@menshen/wire";
import { expect, test } from "vitest";
import { verifyLook } from "./verify-look.ts";

const ORIGIN = "log.menshen.local/test";
const signing = crypto.ed25519FromSecret(new Uint8Array(32).fill(7));
const key = noteKey(crypto.sha256, { name: ORIGIN, type: "ed25519", publicKey: signing.publicKey });
const log = { origin: ORIGIN, logKey: formatVerifierKey(key), witnesses: [], quorum: 0, size: 2 };

const statement =
  '{"at":5,"body":"property","personId":"p","purpose":"law","role":"desk","staffId":"s","text":"7","topic":"personal-data-viewed","what":"record"}';
const salt = new Uint8Array(32).fill(3);
const look = {
  kind: "view",
  at: 5,
  body: "property",
  role: "desk",
  reason: { code: "law", text: "7" },
  what: "record",
  evidence: { topic: "personal-data-viewed", statement, salt: "03".repeat(32), leafIndex: 1 },
} satisfies Look;

/** The proof of leaf 1 in a log of two. */
function proof(said = statement): string {
  const entry = encodeLeaf(
    commitLeaf(crypto.primitives, salt, "personal-data-viewed", new TextEncoder().encode(said)),
  );
  const other = hashLeaf(crypto.sha256, new Uint8Array(40));
  const { edge } = appendLeaves(crypto.sha256, EMPTY_EDGE, [other, hashLeaf(crypto.sha256, entry)]);
  const root = rootOfEdge(crypto.sha256, edge);
  const text = formatCheckpoint({ origin: ORIGIN, size: 2, root, extensions: [] });
  const checkpoint = formatNote({ text, signatures: [signNote(crypto, key, signing.secretKey, text)] });
  return formatLogProof({ index: 1, hashes: [other], checkpoint });
}
const served = async () => proof();

test("a look that stands in the log is verified", async () => {
  expect(await verifyLook(look, log, served)).toEqual({ proof: "verified", index: 1 });
});

test.each<[string, Partial<typeof look>]>([
  ["another time", { at: 6 }],
  ["another role", { role: "desk", what: "record", body: "property", reason: { code: "law", text: "8" } }],
  ["another salt", { evidence: { ...look.evidence, salt: "04".repeat(32) } }],
  ["another place", { evidence: { ...look.evidence, leafIndex: 0 } }],
  ["another statement", { evidence: { ...look.evidence, statement: statement.replace('"s"', '"t"') } }],
])("a look with %s is not", async (_name, change) => {
  expect(await verifyLook({ ...look, ...change }, log, served)).toEqual({ proof: "failed" });
});

test("an opening is verified by the request that was committed to, and by no other", async () => {
  const opening = {
    kind: "opening",
    at: 9,
    requestedAt: 5,
    authority: "a",
    purpose: "court-evidence",
    accessPointIds: [],
    from: 1,
    until: 2,
    entryCount: 1,
    evidence: look.evidence,
  } satisfies Look;
  expect(await verifyLook(opening, log, served)).toEqual({ proof: "failed" });
  const said = statement
    .replace('"purpose":"law"', '"purpose":"court-evidence"')
    .replace("{", '{"authority":"a","from":1,"until":2,');
  const place = { ...look.evidence, statement: said };
  const own = async () => proof(said);
  expect(await verifyLook({ ...opening, evidence: place }, log, own)).toEqual({
    proof: "verified",
    index: 1,
  });
  expect(await verifyLook({ ...opening, until: 3, evidence: place }, log, own)).toEqual({ proof: "failed" });
});

test("a log with another key, or with too few witnesses, proves nothing", async () => {
  const wrong = noteKey(crypto.sha256, { ...key, publicKey: crypto.ed25519Generate().publicKey });
  const other = { ...log, logKey: formatVerifierKey(wrong) };
  expect(await verifyLook(look, other, served)).toEqual({ proof: "failed" });
  expect(await verifyLook(look, { ...log, quorum: 1 }, served)).toEqual({ proof: "failed" });
});

test("what waits, what is gone and what cannot be asked for is said as it is", async () => {
  const { leafIndex: _, ...pending } = look.evidence;
  expect(await verifyLook({ ...look, evidence: pending }, log, served)).toEqual({ proof: "waiting" });
  const { salt: __, ...gone } = look.evidence;
  expect(await verifyLook({ ...look, evidence: gone }, log, served)).toEqual({ proof: "gone" });
  expect(await verifyLook(look, log, () => Promise.reject(new Error("offline")))).toEqual({
    proof: "offline",
  });
  expect(await verifyLook({ kind: "refused", at: 1 }, log, served)).toEqual({ proof: "none" });
});
