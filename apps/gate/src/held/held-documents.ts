import { coseVerify1, equalBytes, hpkeOpen, sha256 } from "@menshen/crypto/node";
import {
  applyDelta,
  type DocumentFault,
  loadSnapshot,
  readSnapshotDocument,
  type Snapshot,
  type SnapshotDocument,
} from "@menshen/policy";
import {
  type AppliedError,
  type DocumentKind,
  decodePolicyDocument,
  deltaMessage,
  encodePolicyDocument,
  externalAad,
  keyring as keyringCodec,
  type ModesMessage,
  modesMessage,
  SNAPSHOT_MAX_BYTES,
  sealedKeyring,
  snapshotMessage,
  WireError,
} from "@menshen/wire";
import { GateError } from "../errors.ts";
import type { GateIdentity } from "../keys/identity.ts";
import type { Seal } from "../keys/seal.ts";
import type { StateKeeper } from "../store/state-keeper.ts";
import type { Remote } from "../store/store-thread.ts";
import { type CardKeys, indexCardKeys } from "./card-keys.ts";

/** Documents that come down; a delta changes the snapshot. */
export type DocumentMessage = "snapshot" | "delta" | "keyring" | "modes";

/** What became of a document; goes back as `applied`. */
export type ReceiveOutcome =
  | {
      readonly what: DocumentKind;
      readonly documentVersion: number;
      readonly ok: true;
      readonly changed: boolean;
    }
  | {
      readonly what: DocumentKind;
      readonly documentVersion: number;
      readonly ok: false;
      readonly error: AppliedError;
      /** It holds nevertheless: it could not be stored, and a revocation must not wait for a disk. */
      readonly changed: boolean;
    };

/** What the community last sent, checked, stored sealed, and in force. */
export interface HeldDocuments {
  snapshot(): Snapshot | undefined;
  modes(): ModesMessage | undefined;
  cardKeys(): CardKeys | undefined;
  versions(): Readonly<Record<DocumentKind, number>>;
  /** Checks, stores, applies; one after the other. Never rejects. */
  receive(kind: DocumentMessage, message: Uint8Array): Promise<ReceiveOutcome>;
}

export interface HeldDocumentsOptions {
  readonly state: Pick<Remote<StateKeeper>, "documents" | "save">;
  readonly seal: Seal;
  readonly identity: Pick<GateIdentity, "gateId" | "communityId" | "policyKey" | "sealingKey">;
  /** Called after something new is in force. */
  readonly changed: (what: DocumentKind) => void;
  /** What was stored cannot be read; the gate begins without it. */
  readonly unreadable: (fault: unknown) => void;
}

const PURPOSE: Readonly<Record<DocumentKind, string>> = {
  snapshot: "menshen gate snapshot v1",
  keyring: "menshen gate keyring v1",
  modes: "menshen gate modes v1",
};

const KIND_OF: Readonly<Record<DocumentMessage, DocumentKind>> = {
  snapshot: "snapshot",
  delta: "snapshot",
  keyring: "keyring",
  modes: "modes",
};

/** A document that was checked and can be put in force. */
interface Checked {
  readonly version: number;
  /** As it is stored, before sealing. */
  readonly bytes: Uint8Array;
  readonly adopt: () => void;
}

class Refusal extends Error {
  readonly error: AppliedError;
  readonly version: number;
  constructor(error: AppliedError, version: number) {
    super(error);
    this.error = error;
    this.version = version;
  }
}

/**
 * Loads what was stored; a document that cannot be used any more is left out, and the server sends it again.
 */
export async function openHeldDocuments(options: HeldDocumentsOptions): Promise<HeldDocuments> {
  const { state, seal, identity, changed } = options;
  let document: SnapshotDocument | undefined;
  let snapshot: Snapshot | undefined;
  let modes: ModesMessage | undefined;
  let cardKeys: CardKeys | undefined;
  /** In force but not on the disk: must come again to be stored. */
  const unstored = new Set<DocumentKind>();

  const versions = (): Readonly<Record<DocumentKind, number>> => ({
    snapshot: snapshot?.version ?? 0,
    keyring: cardKeys?.version ?? 0,
    modes: modes?.generation ?? 0,
  });

  function checkDocument(next: SnapshotDocument, bytes: Uint8Array, version: number): Checked {
    const loaded = loadSnapshot(next);
    if (!loaded.ok) throw new Refusal(errorOf(loaded.error), version);
    const { gateId, communityId } = loaded.snapshot;
    if (gateId !== identity.gateId) throw new Refusal("wrong-gate", version);
    if (loaded.snapshot.version !== version || communityId !== identity.communityId) {
      throw new Refusal("invalid", version);
    }
    return {
      version,
      bytes,
      adopt: () => {
        document = next;
        snapshot = loaded.snapshot;
      },
    };
  }

  /** The opened keyring's keys are parts of `bytes`: wiping them when they are replaced leaves no other copy. */
  function checkKeyring(bytes: Uint8Array): Checked {
    const opened = keyringCodec.decode(bytes);
    if (opened.gateId !== identity.gateId) throw new Refusal("wrong-gate", opened.keyringVersion);
    return {
      version: opened.keyringVersion,
      bytes,
      adopt: () => {
        cardKeys?.wipe();
        cardKeys = indexCardKeys(opened);
      },
    };
  }

  function checkModes(bytes: Uint8Array): Checked {
    const message = modesMessage.decode(bytes);
    if (message.gateId !== identity.gateId) throw new Refusal("wrong-gate", message.generation);
    return {
      version: message.generation,
      bytes,
      adopt: () => {
        modes = message;
      },
    };
  }

  function verified(kind: DocumentMessage, message: Uint8Array): Uint8Array {
    const verification = coseVerify1({
      message,
      key: { alg: "EdDSA", publicKey: identity.policyKey },
      externalAad: externalAad(kind),
    });
    if (!verification.verified) throw new Refusal("bad-signature", 0);
    return verification.payload;
  }

  /** Undefined if this very version is in force already. */
  async function check(
    kind: DocumentMessage,
    message: Uint8Array,
  ): Promise<Checked | { readonly version: number }> {
    const payload = verified(kind, message);
    switch (kind) {
      case "snapshot": {
        const { gateId, snapshotVersion, document: bytes } = snapshotMessage.decode(payload);
        if (gateId !== identity.gateId) throw new Refusal("wrong-gate", snapshotVersion);
        if (isHeld("snapshot", snapshotVersion)) return { version: snapshotVersion };
        return checkDocument(readDocument(bytes, snapshotVersion), bytes, snapshotVersion);
      }
      case "delta": {
        const { gateId, baseVersion, snapshotVersion, delta, documentHash } = deltaMessage.decode(payload);
        if (gateId !== identity.gateId) throw new Refusal("wrong-gate", snapshotVersion);
        if (isHeld("snapshot", snapshotVersion)) return { version: snapshotVersion };
        if (document === undefined || snapshot?.version !== baseVersion) {
          throw new Refusal("base-differs", snapshotVersion);
        }
        const result = applyDelta(document, decodePolicyDocument(delta, SNAPSHOT_MAX_BYTES));
        if (!result.ok) {
          throw new Refusal(errorOf(result.error), snapshotVersion);
        }
        const bytes = encodePolicyDocument(result.document);
        if (!equalBytes(sha256(bytes), documentHash)) throw new Refusal("base-differs", snapshotVersion);
        return checkDocument(result.document, bytes, snapshotVersion);
      }
      case "keyring": {
        const { gateId, keyringVersion, encapsulatedKey, ciphertext } = sealedKeyring.decode(payload);
        if (gateId !== identity.gateId) throw new Refusal("wrong-gate", keyringVersion);
        if (isHeld("keyring", keyringVersion)) return { version: keyringVersion };
        const bytes = await hpkeOpen({
          key: identity.sealingKey,
          enc: encapsulatedKey,
          info: externalAad("keyring"),
          ciphertext,
        });
        if (bytes === undefined) throw new Refusal("cannot-open", keyringVersion);
        const checked = checkKeyring(bytes);
        if (checked.version !== keyringVersion) throw new Refusal("invalid", keyringVersion);
        return checked;
      }
      case "modes": {
        const { gateId, generation } = modesMessage.decode(payload);
        if (gateId !== identity.gateId) throw new Refusal("wrong-gate", generation);
        if (isHeld("modes", generation)) return { version: generation };
        return checkModes(payload);
      }
    }
  }

  function isHeld(what: DocumentKind, version: number): boolean {
    const held = versions()[what];
    if (version < held) throw new Refusal("older-version", version);
    return version === held && !unstored.has(what);
  }

  async function receiveOne(kind: DocumentMessage, message: Uint8Array): Promise<ReceiveOutcome> {
    const what = KIND_OF[kind];
    let checked: Checked | { readonly version: number };
    try {
      checked = await check(kind, message);
    } catch (fault) {
      const { error, version } = refusalOf(fault);
      return { what, documentVersion: version, ok: false, error, changed: false };
    }
    const documentVersion = checked.version;
    if (!("bytes" in checked)) return { what, documentVersion, ok: true, changed: false };
    const stored = await state
      .save({ kind: what, version: documentVersion, bytes: seal.seal(PURPOSE[what], checked.bytes) })
      .then(
        () => true,
        () => false,
      );
    checked.adopt();
    if (stored) unstored.delete(what);
    else unstored.add(what);
    changed(what);
    return stored
      ? { what, documentVersion, ok: true, changed: true }
      : { what, documentVersion, ok: false, error: "cannot-store", changed: true };
  }

  const stored = await state.documents().catch((fault: unknown) => {
    options.unreadable(fault);
    return [];
  });
  for (const { kind, version, bytes: sealed } of stored) {
    try {
      const bytes = seal.open(PURPOSE[kind], sealed);
      if (kind === "snapshot") checkDocument(readDocument(bytes, version), bytes, version).adopt();
      else if (kind === "modes") checkModes(bytes).adopt();
      else checkKeyring(bytes).adopt();
    } catch (fault) {
      // Sealed by another key or written by another version: asked for again by the versions in the next hello.
      if (!(fault instanceof Refusal || fault instanceof WireError || fault instanceof GateError))
        throw fault;
    }
  }

  let queue: Promise<unknown> = Promise.resolve();
  return {
    snapshot: () => snapshot,
    modes: () => modes,
    cardKeys: () => cardKeys,
    versions,
    receive(kind, message) {
      const received = queue.then(() => receiveOne(kind, message));
      queue = received.catch(() => undefined);
      return received;
    },
  };
}

/** @throws {Refusal}, {WireError} */
function readDocument(bytes: Uint8Array, version: number): SnapshotDocument {
  const read = readSnapshotDocument(decodePolicyDocument(bytes, SNAPSHOT_MAX_BYTES));
  if (!read.ok) throw new Refusal(errorOf(read.error), version);
  return read.document;
}

function errorOf({ code }: DocumentFault): AppliedError {
  if (code === "unknown-version") return "unknown-version";
  return code === "base-mismatch" ? "base-differs" : "invalid";
}

function refusalOf(fault: unknown): { readonly error: AppliedError; readonly version: number } {
  if (fault instanceof Refusal) return fault;
  if (fault instanceof WireError) {
    return { error: fault.code === "unknown-version" ? "unknown-version" : "invalid", version: 0 };
  }
  return { error: "invalid", version: 0 };
}
