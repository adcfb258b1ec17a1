import type { Primitives } from "@menshen/crypto";
import { fromHex, toHex } from "@menshen/crypto";
import { commitLeaf, encodeLeaf } from "../leaf-commitment.ts";
import { hashLeaf } from "../merkle/hashing.ts";
import { verifyInclusionOfMany } from "../merkle/inclusion-of-many.ts";
import { utf8 } from "../note/note-text.ts";
import type { TreeHead } from "../tiles/read-tiles.ts";
import {
  type CredentialStatement,
  type DwellingRegistered,
  parseCredentialStatement,
} from "./credential-statement.ts";
import { credentialTag, HOME_KEY_BYTES, homeKeyCommitment } from "./home-key.ts";

/** What checking takes of `@menshen/crypto`. */
export type ProofHashing = Pick<Primitives, "sha256" | "hmacSha256" | "hkdfSha256" | "constantTimeEqual">;

/** A leaf with what opens it. */
export interface OpenedLeaf {
  readonly index: number;
  /** Canonical JSON. */
  readonly statement: string;
  /** 32 bytes. */
  readonly salt: Uint8Array;
}

/** Leaves of credentials and homes, and one proof that all of them stand in a tree. */
export interface CredentialProofs {
  /** At least one, by rising index. */
  readonly leaves: readonly OpenedLeaf[];
  /** Of homes whose credentials are among the leaves; 32 bytes each. */
  readonly homeKeys: readonly Uint8Array[];
  /** See `verifyInclusionOfMany`. */
  readonly proof: readonly Uint8Array[];
}

/** Where a credential may open, as the log says. */
export type CredentialReach =
  | { readonly kind: "everywhere" }
  | {
      readonly kind: "home";
      /** Hexadecimal. */
      readonly dwellingTag: string;
      readonly number: number;
      /** Of the home as registered last. */
      readonly accessPointIds: readonly string[];
    };

/** A credential that the log knows. */
export interface ProvenCredential {
  /** 16 bytes, hexadecimal. */
  readonly credentialKey: string;
  readonly index: number;
  readonly reach: CredentialReach;
}

/**
 * The credentials that these leaves prove, under a head that was verified. A credential of a home counts only with the tag
 * that the home's residents look for: under the key that the home's registration commits to.
 *
 * @returns in the leaves' order; `undefined` if anything is malformed, unregistered or not in the tree: then nothing is
 *   proven
 */
export function provenCredentials(
  crypto: ProofHashing,
  head: TreeHead,
  { leaves, homeKeys, proof }: CredentialProofs,
): readonly ProvenCredential[] | undefined {
  const stated = leaves.map(({ index, statement, salt }) => ({
    index,
    text: statement,
    salt,
    statement: parseCredentialStatement(statement),
  }));
  const homes = homesOf(crypto, stated, homeKeys);
  const placed: { readonly index: number; readonly leafHash: Uint8Array }[] = [];
  const proven: ProvenCredential[] = [];
  for (const { index, text, salt, statement } of stated) {
    const tag = statement && tagOf(crypto, homes, statement);
    if (statement === undefined || tag === undefined || salt.length !== 32) return undefined;
    const leaf = commitLeaf(crypto, salt, statement.topic, utf8(text));
    placed.push({ index, leafHash: hashLeaf(crypto.sha256, encodeLeaf({ ...leaf, tag })) });
    if (statement.topic === "dwelling-registered") continue;
    const { credentialKey } = statement;
    if (statement.topic !== "credential-of-dwelling") {
      proven.push({ credentialKey, index, reach: { kind: "everywhere" } });
      continue;
    }
    const { dwellingTag, number } = statement;
    const accessPointIds = homes.get(dwellingTag)?.registration.accessPointIds ?? [];
    proven.push({ credentialKey, index, reach: { kind: "home", dwellingTag, number, accessPointIds } });
  }
  return verifyInclusionOfMany(crypto.sha256, { leaves: placed, ...head, proof }) ? proven : undefined;
}

interface Home {
  readonly registration: DwellingRegistered;
  readonly key: Uint8Array;
}

/** Homes by their tag, each as its last leaf here registers it, with the key that this leaf commits to. */
function homesOf(
  crypto: ProofHashing,
  leaves: readonly { readonly statement: CredentialStatement | undefined }[],
  homeKeys: readonly Uint8Array[],
): ReadonlyMap<string, Home> {
  const keys = new Map(
    homeKeys
      .filter(({ length }) => length === HOME_KEY_BYTES)
      .map((key) => [toHex(homeKeyCommitment(crypto, key)), key]),
  );
  const homes = new Map<string, Home>();
  for (const { statement } of leaves) {
    if (statement?.topic !== "dwelling-registered") continue;
    const key = keys.get(statement.keyCommitment);
    if (key !== undefined) homes.set(statement.dwellingTag, { registration: statement, key });
  }
  return homes;
}

function tagOf(
  crypto: ProofHashing,
  homes: ReadonlyMap<string, Home>,
  statement: CredentialStatement,
): Uint8Array | undefined {
  switch (statement.topic) {
    case "dwelling-registered":
      return fromHex(statement.dwellingTag);
    case "credential-of-dwelling": {
      const home = homes.get(statement.dwellingTag);
      return home && credentialTag(crypto, home.key, statement.number);
    }
    case "credential-of-staff":
    case "credential-of-service":
    case "credential-of-empty-dwelling":
      return fromHex(statement.tag);
  }
}
