import * as primitives from "@menshen/crypto";
import { fromHex, type SigningKey } from "@menshen/crypto";
import { CommunityId, type CredentialKey, Instant, PortalId, TimeInterval } from "@menshen/domain";
import { credentialKeyOf } from "../card/credential-key.ts";
import type { UnsignedPass } from "./signed-pass.ts";

/** One community, one phone, two doors, and a moment: Sunday 2026-11-22, 21:00:00 in Shanghai. */
export const communityId = CommunityId("3b9f1c52-5f0e-4c1b-9a63-2f8f2f9f0a11");
export const otherCommunityId = CommunityId("3b9f1c52-5f0e-4c1b-9a63-2f8f2f9f0a12");
export const east = PortalId("0197a1b2-0000-7000-8000-0000000000e1");
export const west = PortalId("0197a1b2-0000-7000-8000-0000000000e2");
export const phone = primitives.p256FromSecret(fromHex("11".repeat(32)));
export const community = primitives.ed25519FromSecret(fromHex("22".repeat(32)));
export const credentialKey: CredentialKey = credentialKeyOf(primitives, "phone-pass", phone.publicKey);
export const now = Instant(Date.UTC(2026, 10, 22, 13, 0, 0));

/** Signs with a key at hand, deterministically where the key is P-256 (RFC 6979). */
export function signed({ toBeSigned, finish }: UnsignedPass, key: SigningKey = phone): Uint8Array {
  return finish(primitives.sign(key, toBeSigned));
}

/** `now`, moved, and known to `spreadMs`. */
export function at(offsetMs: number, spreadMs = 0): TimeInterval {
  return TimeInterval(Instant(now + offsetMs), Instant(now + offsetMs + spreadMs));
}
