import { orderVisitToken, readVisitToken, tokenKeyId } from "@menshen/credentials";
import { fromHex, primitives, randomBytes, toHex } from "@menshen/crypto";
import { CommunityId } from "@menshen/domain";
import { type LogDescription, residentPassEndpoints, type TokenIssuingKey } from "@menshen/wire";
import { call, request } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import type { DeviceOwner, TokenRecord } from "../device/device-store.ts";
import { type ProofSource, verifyStatement } from "../log/verify-statement.ts";

/**
 * - `not-in-log`: the key is not one that everybody sees, so it could be a mark;
 * - `refused`: the community did not sign what it was given;
 * - `unreachable`: the log could not be asked.
 */
export type TokenRefusal = "not-in-log" | "refused" | "unreachable";

/** Whether an issuing key is the public one that its leaf tells of. */
export async function verifyTokenKey(
  key: TokenIssuingKey,
  log: LogDescription,
  proofOf: ProofSource,
): Promise<"verified" | "not-in-log" | "unreachable"> {
  const { keyId, publicKey, doorGroup, from, until, quota, evidence } = key;
  if (toHex(tokenKeyId(primitives, fromHex(publicKey))) !== keyId) return "not-in-log";
  if (!says(evidence.statement, { topic: "token-key-issued", keyId, doorGroup, from, until, quota })) {
    return "not-in-log";
  }
  const proof = await verifyStatement({ ...evidence, topic: "token-key-issued" }, log, proofOf);
  if (proof === "offline") return "unreachable";
  return proof === "verified" ? "verified" : "not-in-log";
}

/**
 * Gets a token of a key: the community signs it without seeing it.
 *
 * @throws {ApiError} the server's code, `rate-limited` and the like
 */
export async function getToken(input: {
  readonly owner: DeviceOwner;
  readonly key: TokenIssuingKey;
  readonly log: LogDescription;
  readonly doors: readonly string[];
  readonly now: number;
}): Promise<TokenRecord | TokenRefusal> {
  const { owner, key, log, doors, now } = input;
  const proofOf = async (index: number) => (await request(`/log/proof/${index}`)).text();
  const verified = await verifyTokenKey(key, log, proofOf);
  if (verified !== "verified") return verified;
  const order = orderVisitToken({
    primitives: { sha256: primitives.sha256, randomBytes },
    communityId: CommunityId(owner.communityId),
    publicKey: fromHex(key.publicKey),
  });
  const body = { keyId: key.keyId, blinded: toHex(order.blinded) };
  const { blindSignature } = await withSession(owner, () => call(residentPassEndpoints.signToken, { body }));
  const message = order.finish(fromHex(blindSignature));
  const token = message === undefined ? undefined : readVisitToken(message);
  if (message === undefined || token === undefined) return "refused";
  return {
    serial: toHex(token.serial),
    message,
    doors,
    from: key.from,
    until: key.until,
    madeAt: now,
  };
}

function says(statement: string, expected: Readonly<Record<string, unknown>>): boolean {
  let said: unknown;
  try {
    said = JSON.parse(statement);
  } catch {
    return false;
  }
  if (typeof said !== "object" || said === null) return false;
  const told = said;
  return Object.entries(expected).every(([name, value]) => Reflect.get(told, name) === value);
}
