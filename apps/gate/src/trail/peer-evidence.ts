import { type CanonicalJson, DomainError, parseCanonicalJson } from "@menshen/domain";
import type { TrailPeer } from "@menshen/wire";
import type { makeLeafProof } from "./leaf-proof.ts";

const TOPIC = "gate-certificate-issued";

/**
 * Whether the issue of a peer's certificate, for exactly its keys, stands in the log. A server that invents a gate has to
 * show it to everybody who watches the log.
 */
export function isPeerProven(proves: ReturnType<typeof makeLeafProof>, peer: TrailPeer): boolean {
  const { evidence } = peer;
  return (
    evidence !== undefined && namesPeer(evidence.statement, peer) && proves(TOPIC, evidence) !== undefined
  );
}

function namesPeer(statement: string, { gateId, deviceKey, sealingKey }: TrailPeer): boolean {
  let value: CanonicalJson;
  try {
    value = parseCanonicalJson(statement);
  } catch (fault) {
    if (fault instanceof DomainError) return false;
    throw fault;
  }
  if (typeof value !== "object" || !("topic" in value)) return false;
  return (
    value.topic === TOPIC &&
    value.gateId === gateId &&
    value.deviceKey === base64url(deviceKey) &&
    value.sealingKey === base64url(sealingKey)
  );
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
