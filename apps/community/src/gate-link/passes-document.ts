import { sha256 } from "@menshen/crypto/node";
import { type CommunityId, type GateId, Instant } from "@menshen/domain";
import { passesMessage } from "@menshen/wire";
import type { DocumentRow } from "./document-store.ts";
import type { PassesContent } from "./types.ts";

/** The passes document of a gate; `sign` is by the policy key. */
export function makePassesRow(options: {
  readonly content: PassesContent;
  readonly gateId: GateId;
  readonly communityId: CommunityId;
  readonly version: number;
  readonly issuedAt: Instant;
  readonly sign: (payload: Uint8Array) => Uint8Array;
}): DocumentRow {
  const { gateId, communityId, version, issuedAt } = options;
  const content = { ...options.content, version: 1, gateId, communityId } as const;
  // The digest is over all but number and time, so that an unchanged document is seen as one.
  const unchanging = passesMessage.encode({ ...content, passesVersion: 1, issuedAt: Instant(0) });
  return {
    what: "passes",
    version,
    message: options.sign(passesMessage.encode({ ...content, passesVersion: version, issuedAt })),
    content: sha256(unchanging),
    madeAt: issuedAt,
  };
}
