import { canonicalJson } from "@menshen/domain";
import { crypto } from "../evidence.fixture.ts";
import { commitLeaf, encodeLeaf } from "../leaf-commitment.ts";
import { naiveLeaf } from "../naive-tree.fixture.ts";
import type { CredentialStatement } from "./credential-statement.ts";
import { credentialTag, homeKeyCommitment } from "./home-key.ts";

export const homeKey = Uint8Array.from({ length: 32 }, (_, i) => i);
export const strangeKey = new Uint8Array(32).fill(9);
export const HOME = "a".repeat(32);
export const DOORS = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
export const ISSUER = "10000000-0000-4000-8000-000000000001";
export const CONFIRMER = "10000000-0000-4000-8000-000000000002";

export const registration = {
  topic: "dwelling-registered",
  at: 1_000,
  dwellingTag: HOME,
  keyCommitment: crypto.toHex(homeKeyCommitment(crypto, homeKey)),
  accessPointIds: DOORS,
} as const;
export const ofHome = {
  topic: "credential-of-dwelling",
  at: 2_000,
  dwellingTag: HOME,
  number: 3,
  credentialKey: "b".repeat(32),
  kind: "desfire",
} as const;
export const ofStaff = {
  topic: "credential-of-staff",
  at: 3_000,
  tag: "c".repeat(32),
  credentialKey: "d".repeat(32),
  kind: "ntag424",
  approvedBy: [ISSUER, CONFIRMER],
} as const;

export function textOf(statement: CredentialStatement): string {
  return canonicalJson({ ...statement });
}

/** A leaf as the log has it, with what opens it. */
export function leafOf(statement: CredentialStatement, index: number, tag: Uint8Array) {
  const salt = new Uint8Array(32).fill(index + 1);
  const text = textOf(statement);
  const committed = commitLeaf(crypto, salt, statement.topic, Buffer.from(text));
  return {
    opened: { index, statement: text, salt },
    hash: naiveLeaf(encodeLeaf({ ...committed, tag })),
  };
}

export const HOME_TAG = crypto.fromHex(HOME);
export const STAFF_TAG = crypto.fromHex(ofStaff.tag);
export const tagOf = (number: number, key = homeKey) => credentialTag(crypto, key, number);
