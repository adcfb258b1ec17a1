import { ed25519Verify, primitives } from "@menshen/crypto";
import { type CanonicalJson, DomainError, parseCanonicalJson } from "@menshen/domain";
import {
  commitLeaf,
  encodeLeaf,
  type LogIdentity,
  verifyLogProof,
  type WitnessPolicy,
} from "@menshen/evidence";
import type { LoggedStatement } from "./opening-package.ts";

const noteCrypto = { sha256: primitives.sha256, ed25519Verify };

/** By what a proof from the log is believed; from elsewhere than what is proven. */
export interface LogKeys {
  readonly log: Omit<LogIdentity, "witnessKeys">;
  readonly policy: WitnessPolicy;
}

/** Whether the leaf of this topic stands in the log; its index, or why not. */
export function provenIndex(
  { statement, salt, proof }: LoggedStatement,
  topic: string,
  keys: LogKeys,
): { readonly index: number } | { readonly refusal: string } {
  const leaf = encodeLeaf(commitLeaf(primitives, salt, topic, new TextEncoder().encode(statement)));
  const result = verifyLogProof(noteCrypto, proof, keys.log, keys.policy, leaf);
  return result.verified ? { index: result.index } : { refusal: result.refusal };
}

/** What a leaf `gate-certificate-issued` says; `undefined` for another statement. */
export function readGateStatement(
  statement: string,
):
  | { readonly gateId: string; readonly deviceKey: Uint8Array; readonly certificateSha256: unknown }
  | undefined {
  const value = readJson(statement);
  const [topic, gateId, key] = ["topic", "gateId", "deviceKey"].map((name) => memberOf(value, name));
  const deviceKey = typeof key === "string" ? fromBase64Url(key) : undefined;
  if (topic !== "gate-certificate-issued" || typeof gateId !== "string" || deviceKey?.length !== 65) {
    return undefined;
  }
  return { gateId, deviceKey, certificateSha256: memberOf(value, "certificateSha256") };
}

/** Canonical JSON; `undefined` for anything else. */
export function readJson(text: string): CanonicalJson | undefined {
  try {
    return parseCanonicalJson(text);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

function memberOf(value: CanonicalJson | undefined, name: string): unknown {
  return typeof value === "object" && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** Bytes of base64url without padding; `undefined` for another spelling. */
function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const spelled = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return spelled === text ? Uint8Array.from(binary, (character) => character.charCodeAt(0)) : undefined;
}
