import { type TokenKey, tokenKeyId } from "@menshen/credentials";
import { primitives, toHex } from "@menshen/crypto/node";
import type { CommunityId } from "@menshen/domain";
import { isTokenKeyStatement, type PassesMessage, TOKEN_KEY_TOPIC } from "@menshen/wire";
import { type LogPolicy, makeLeafProof } from "../trail/leaf-proof.ts";

/** An issuing key that the public log proves, and how many of its tokens this gate takes. */
export interface ProvenTokenKey extends TokenKey {
  readonly keyId: Uint8Array;
  readonly quota: number;
}

/**
 * The issuing keys of one-time tokens that a gate believes: those of its document that stand in the log it believes, with
 * just what they are for. Proofs are looked at once for each document and policy.
 */
export function makeTokenKeys(
  communityId: CommunityId,
  passes: () => PassesMessage | undefined,
  policy: () => LogPolicy | undefined,
): (keyId: Uint8Array) => ProvenTokenKey | undefined {
  let known: ReadonlyMap<string, ProvenTokenKey> = new Map();
  let of: readonly unknown[] = [];

  return (keyId) => {
    const [document, log] = [passes(), policy()];
    if (of[0] !== document || of[1] !== log) {
      known =
        log === undefined || document === undefined ? new Map() : provenKeys(communityId, document, log);
      of = [document, log];
    }
    return known.get(toHex(keyId));
  };
}

function provenKeys(
  communityId: CommunityId,
  { tokenKeys }: PassesMessage,
  policy: LogPolicy,
): ReadonlyMap<string, ProvenTokenKey> {
  const proves = makeLeafProof(communityId, policy);
  return new Map(
    tokenKeys.flatMap(({ evidence, publicKey, doorGroup, from, until, quota }) => {
      const keyId = tokenKeyId(primitives, publicKey);
      const name = toHex(keyId);
      const isIssued =
        isTokenKeyStatement(evidence.statement, { keyId: name, doorGroup, from, until, quota }) &&
        proves(TOKEN_KEY_TOPIC, evidence) !== undefined;
      return isIssued ? [[name, { keyId, publicKey, doorGroup, from, until, quota }] as const] : [];
    }),
  );
}
