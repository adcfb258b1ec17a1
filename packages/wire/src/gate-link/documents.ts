import {
  CommunityId,
  CREDENTIAL_KINDS,
  DwellingId,
  GateId,
  PortalId,
  RESIDENCY_ROLES,
} from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bool, bytes, choice, instant, list, map, optional, uint, uuid, version } from "../schema.ts";
import { aliroKeysSchema } from "./aliro.ts";
import { portalModeFields } from "./journal.ts";

/** What the community wants a gate to hold; each kind has its own rising version. */
export const DOCUMENT_KINDS = ["snapshot", "keyring", "modes", "trail", "passes", "door-rules"] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

const MiB = 1024 * 1024;
export const SNAPSHOT_MAX_BYTES = 32 * MiB;
export const KEYRING_MAX_BYTES = 32 * MiB;

/** Signed by the community policy key. `document` is the policy snapshot (policy-snapshot.md) as its compiler wrote it. */
export const snapshotSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  communityId: [2, uuid(CommunityId)],
  snapshotVersion: [3, uint(Number.MAX_SAFE_INTEGER, 1)],
  issuedAt: [4, instant()],
  document: [5, bytes(1, SNAPSHOT_MAX_BYTES)],
});

/** Signed by the community policy key: what changes the document of `baseVersion` into that of `snapshotVersion`. */
export const deltaSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  communityId: [2, uuid(CommunityId)],
  baseVersion: [3, uint(Number.MAX_SAFE_INTEGER, 1)],
  snapshotVersion: [4, uint(Number.MAX_SAFE_INTEGER, 1)],
  issuedAt: [5, instant()],
  /** As the policy package's delta function wrote it. */
  delta: [6, bytes(1, SNAPSHOT_MAX_BYTES)],
  /** SHA-256 of the document that must result. */
  documentHash: [7, bytes(32)],
});

const cardKeySchema = map({
  /** Key number on the card. */
  number: [0, uint(15)],
  keyVersion: [1, uint(255)],
  /** AES-128, diversified for this card and door group. */
  key: [2, bytes(16)],
});

/** Before sealing to the gate's X25519 key. Masters are never in it. */
export const keyringSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  keyringVersion: [2, uint(Number.MAX_SAFE_INTEGER, 1)],
  /** Which of a card's keys open doors of this gate, 1..13. */
  doorGroup: [3, uint(13, 1)],
  /** X25519 keys of the holders who have one: their entries are wrapped to it. */
  trailKeys: [4, list(map({ credentialKey: [0, bytes(16)], key: [1, bytes(32)] }), 200_000)],
  cards: [
    5,
    list(
      map({
        credentialKey: [0, bytes(16)],
        kind: [1, choice(CREDENTIAL_KINDS)],
        keys: [2, list(cardKeySchema, 8, 1)],
        /** AES-128, newest first: the card counts its taps and proves the count with one of them. */
        transactionKeys: [3, optional(list(bytes(16), 8, 1))],
      }),
      200_000,
    ),
  ],
  /** Keys that a kind of credential needs before it is known which one it is: number 0 of `pin`, the PIN key. */
  sharedKeys: [6, list(map({ kind: [0, choice(CREDENTIAL_KINDS)], key: [1, cardKeySchema] }), 16)],
  /** DESFire application identifier of the community, 3 bytes as SelectApplication takes them. */
  desfireApplication: [7, bytes(3)],
  /** Credentials of staff who were told that they are named; absent unless the community names staff. */
  named: [8, optional(list(bytes(16), 200_000))],
  /** Public keys (P-256, uncompressed point) of the phone passes in the gate's snapshot. */
  phones: [9, optional(list(map({ credentialKey: [0, bytes(16)], publicKey: [1, bytes(65)] }), 200_000))],
  /** For reading telephones by Aliro; absent unless the community began a group of readers here. */
  aliro: [10, optional(aliroKeysSchema)],
  /** Duress PINs, each with the PIN that it stands for: in here alone, so that no document in clear tells of one. */
  duress: [11, optional(list(map({ key: [0, bytes(16)], credentialKey: [1, bytes(16)] }), 200_000))],
  /**
   * Which credentials are one person's: a random number of that person, drawn anew for each epoch, which no gate
   * writes into its journal. In here alone; absent unless door rules ask for it, or gates tell guards whose a refused
   * credential is.
   */
  holders: [
    12,
    optional(
      list(
        map({
          credentialKey: [0, bytes(16)],
          holder: [1, bytes(8)],
          isStaff: [2, bool()],
          needsEscort: [3, bool()],
          /** Told to guards on duty, and to nobody else, when this one is refused, gives an alarm or is missed in a fire. */
          dwellingId: [4, optional(uuid(DwellingId))],
          role: [5, optional(choice(RESIDENCY_ROLES))],
        }),
        200_000,
      ),
    ),
  ],
});

/** Signed by the community policy key: the sealed keyring. */
export const sealedKeyringSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  keyringVersion: [2, uint(Number.MAX_SAFE_INTEGER, 1)],
  /** HPKE encapsulated key (RFC 9180, DHKEM X25519). */
  encapsulatedKey: [3, bytes(32)],
  ciphertext: [4, bytes(16, KEYRING_MAX_BYTES)],
});

/** Signed by the community policy key: every portal of the gate, as it should be. */
export const modesSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  generation: [2, uint(Number.MAX_SAFE_INTEGER, 1)],
  issuedAt: [3, instant()],
  portals: [4, list(map({ portalId: [0, uuid(PortalId)], ...portalModeFields }), 256)],
});

/** Signed by the community policy key: answer to the nonce of a hello or of a time request. */
export const timeSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  nonce: [2, bytes(16)],
  at: [3, instant()],
});

/** Signed by the community policy key: where the gate's journal continues at the server. */
export const resumeSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  /** First sequence that the server does not hold. */
  nextSequence: [2, uint(Number.MAX_SAFE_INTEGER, 1)],
  /** Journal hash before `nextSequence`. */
  hash: [3, bytes(32)],
});

export type SnapshotMessage = Static<typeof snapshotSchema>;
export type DeltaMessage = Static<typeof deltaSchema>;
export type Keyring = Static<typeof keyringSchema>;
export type SealedKeyring = Static<typeof sealedKeyringSchema>;
export type ModesMessage = Static<typeof modesSchema>;
export type TimeMessage = Static<typeof timeSchema>;
export type ResumeMessage = Static<typeof resumeSchema>;

export const snapshotMessage = makeCodec(snapshotSchema, SNAPSHOT_MAX_BYTES + 256);
export const deltaMessage = makeCodec(deltaSchema, SNAPSHOT_MAX_BYTES + 256);
export const keyring = makeCodec(keyringSchema, KEYRING_MAX_BYTES);
export const sealedKeyring = makeCodec(sealedKeyringSchema, KEYRING_MAX_BYTES + 256);
export const modesMessage = makeCodec(modesSchema, 64 * 1024);
export const timeMessage = makeCodec(timeSchema, 256);
export const resumeMessage = makeCodec(resumeSchema, 256);
