/**
 * The evidence log: Merkle trees (RFC 6962), tiles, signed notes, checkpoints and cosignatures (C2SP), leaves that
 * are salted commitments, and following a log. No I/O, no clock, no chance: hashes and signatures come in as
 * functions of `@menshen/crypto` or `@menshen/crypto/node`, tiles through a `TileSource`, HTTP as a `fetch`.
 */
export * from "./complaints/check-complaint.ts";
export * from "./complaints/complaint-file.ts";
export * from "./complaints/complaint-receipt.ts";
export * from "./complaints/judge-omission.ts";
export * from "./consent/consent-export.ts";
export * from "./consent/consent-receipt.ts";
export * from "./deletion/deletion-receipt.ts";
export * from "./evidence-error.ts";
export * from "./leaf-commitment.ts";
export * from "./log/add-checkpoint.ts";
export * from "./log/audit-log.ts";
export * from "./log/audit-state.ts";
export * from "./log/checkpoint.ts";
export type { FollowedLog, FollowStep, FollowVerdict, ForkEvidence } from "./log/follow-log.ts";
export { followLog, followNew } from "./log/follow-log.ts";
export * from "./log/fork-evidence.ts";
export * from "./log/log-proof.ts";
export * from "./log/open-checkpoint.ts";
export * from "./log/read-over-http.ts";
export * from "./log/verify-keys.ts";
export * from "./log/witness-policy.ts";
export type { ConsistencyClaim } from "./merkle/consistency.ts";
export { verifyConsistency } from "./merkle/consistency.ts";
export type { Sha256 } from "./merkle/hashing.ts";
export { emptyRoot, hashLeaf } from "./merkle/hashing.ts";
export type { InclusionClaim } from "./merkle/inclusion.ts";
export { verifyInclusion } from "./merkle/inclusion.ts";
export type { InclusionOfManyClaim, PlacedLeaf } from "./merkle/inclusion-of-many.ts";
export { verifyInclusionOfMany } from "./merkle/inclusion-of-many.ts";
export * from "./note/note-key.ts";
export type { VerifiedSignature } from "./note/note-signature.ts";
export { cosignCheckpoint, signNote } from "./note/note-signature.ts";
export type { NoteSignature, ParsedNote } from "./note/signed-note.ts";
export { formatNote, MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES, parseNote } from "./note/signed-note.ts";
export * from "./note/verify-note.ts";
export * from "./tiles/entry-bundle.ts";
export * from "./tiles/prove.ts";
export type { EntriesRead, TileRefusal, TileSource, TilesRefused, TreeHead } from "./tiles/read-tiles.ts";
export { readEntries } from "./tiles/read-tiles.ts";
export type { Tile } from "./tiles/tile.ts";
export { parseTilePath, TILE_WIDTH, tileInTree, tilePath } from "./tiles/tile.ts";
export * from "./tiles/tree-edge.ts";
export {
  type CertificateParts,
  certificateParts,
  isSignedBy,
} from "./timestamp/certificate-parts.ts";
export { ecdsaFromDer, ecdsaToDer } from "./timestamp/der.ts";
export * from "./timestamp/timestamp.ts";
export * from "./transparency/count-credentials.ts";
export * from "./transparency/credential-statement.ts";
export * from "./transparency/home-credentials.ts";
export * from "./transparency/home-key.ts";
export * from "./transparency/proven-credentials.ts";
