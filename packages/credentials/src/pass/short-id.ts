import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import type { CommunityId, PortalId } from "@menshen/domain";
import { uuidBytes } from "@menshen/wire";

const encoder = new TextEncoder();

/** Four bytes that tell a gate at once that a pass is of another community. The signature covers the whole ID. */
export function communityTag(primitives: Pick<Primitives, "sha256">, id: CommunityId): Uint8Array {
  return tagOf(primitives, "community", id, 4);
}

/** Five bytes that stand for a door in a pass: among the doors of one community, two never collide in practice. */
export function doorTag(primitives: Pick<Primitives, "sha256">, id: PortalId): Uint8Array {
  return tagOf(primitives, "door", id, 5);
}

/** SHA-256 over `"menshen pass tag v1" || kind || 00 || UUID`: UUIDs of one hour begin alike, hashes do not. */
function tagOf(primitives: Pick<Primitives, "sha256">, kind: string, id: string, lengthBytes: number) {
  const text = encoder.encode(`menshen pass tag v1${kind}\u0000`);
  return primitives.sha256(concatBytes(text, uuidBytes(id))).slice(0, lengthBytes);
}
