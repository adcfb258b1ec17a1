import { coseVerify1, hpkeOpen } from "@menshen/crypto/node";
import { DomainError, type DoorRules } from "@menshen/domain";
import type { Snapshot } from "@menshen/policy";
import {
  type AppliedError,
  type DocumentKind,
  type DoorRulesMessage,
  doorRulesMessage,
  externalAad,
  keyring as keyringCodec,
  type ModesMessage,
  modesMessage,
  type PassesMessage,
  passesMessage,
  sealedKeyring,
  WireError,
} from "@menshen/wire";
import { GateError } from "../errors.ts";
import type { GateIdentity } from "../keys/identity.ts";
import type { Seal } from "../keys/seal.ts";
import { doorRulesOf } from "../presence/door-rules.ts";
import type { StateKeeper } from "../store/state-keeper.ts";
import type { Remote } from "../store/store-thread.ts";
import type { TrailAnswer, TrailState } from "../trail/trail-check.ts";
import { restoreTrail, storeTrail } from "../trail/trail-store.ts";
import { checkTrailAside } from "../trail/trail-thread.ts";
import { type CardKeys, indexCardKeys } from "./card-keys.ts";
import { Refusal, readSnapshot, refusalOf, type SnapshotRequest } from "./snapshot-check.ts";
import { makeSnapshotThread } from "./snapshot-thread.ts";

/** Documents that come down; a delta changes the snapshot. */
export type DocumentMessage = "snapshot" | "delta" | "keyring" | "modes" | "trail" | "passes" | "door-rules";

/** The document with the rules in it, which say no two things at once. */
export interface HeldDoorRules {
  readonly message: DoorRulesMessage;
  readonly rules: DoorRules;
}

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
      /** Of a trail: its custodians are not those this gate believes, nor endorsed by them. */
      readonly notEndorsed?: boolean;
    };

/** What the community last sent, checked, stored sealed, and in force. */
export interface HeldDocuments {
  snapshot(): Snapshot | undefined;
  modes(): ModesMessage | undefined;
  cardKeys(): CardKeys | undefined;
  trail(): TrailState | undefined;
  passes(): PassesMessage | undefined;
  doorRules(): HeldDoorRules | undefined;
  versions(): Readonly<Record<DocumentKind, number>>;
  /** Checks, stores, applies; one after the other. Never rejects. */
  receive(kind: DocumentMessage, message: Uint8Array): Promise<ReceiveOutcome>;
}

export interface HeldDocumentsOptions {
  readonly state: Pick<Remote<StateKeeper>, "documents" | "save">;
  readonly seal: Seal;
  readonly identity: Pick<GateIdentity, "gateId" | "communityId" | "policyKey" | "sealingKey">;
  /** Unix milliseconds that have certainly passed. */
  readonly earliestMs: () => number;
  /** Called after something new is in force. */
  readonly changed: (what: DocumentKind) => void;
  /** What was stored cannot be read; the gate begins without it. */
  readonly unreadable: (fault: unknown) => void;
}

const PURPOSE: Readonly<Record<DocumentKind, string>> = {
  snapshot: "menshen gate snapshot v1",
  keyring: "menshen gate keyring v1",
  modes: "menshen gate modes v1",
  trail: "menshen gate trail v1",
  passes: "menshen gate passes v1",
  "door-rules": "menshen gate door rules v1",
};

const KIND_OF: Readonly<Record<DocumentMessage, DocumentKind>> = {
  snapshot: "snapshot",
  delta: "snapshot",
  keyring: "keyring",
  modes: "modes",
  trail: "trail",
  passes: "passes",
  "door-rules": "door-rules",
};

/** A document that was checked and can be put in force. */
interface Checked {
  readonly version: number;
  /** As it is stored, before sealing. */
  readonly bytes: Uint8Array;
  readonly adopt: () => void;
}

class TrailRefusal extends Refusal {
  readonly notEndorsed: boolean;
  constructor(answer: Extract<TrailAnswer, { outcome: "refused" }>) {
    super(answer.error, answer.version);
    this.notEndorsed = answer.notEndorsed;
  }
}

/**
 * Loads what was stored; a document that cannot be used any more is left out, and the server sends it again.
 */
export async function openHeldDocuments(options: HeldDocumentsOptions): Promise<HeldDocuments> {
  const { state, seal, identity, changed } = options;
  const checkSnapshot = makeSnapshotThread();
  let snapshot: Snapshot | undefined;
  /** The document that `snapshot` was loaded from: changes are made to it. */
  let snapshotBytes: Uint8Array | undefined;
  let modes: ModesMessage | undefined;
  let cardKeys: CardKeys | undefined;
  let trail: TrailState | undefined;
  let passes: PassesMessage | undefined;
  let doorRules: HeldDoorRules | undefined;
  /** In force but not on the disk: must come again to be stored. */
  const unstored = new Set<DocumentKind>();

  const versions = (): Readonly<Record<DocumentKind, number>> => ({
    snapshot: snapshot?.version ?? 0,
    keyring: cardKeys?.version ?? 0,
    modes: modes?.generation ?? 0,
    trail: trail?.version ?? 0,
    passes: passes?.passesVersion ?? 0,
    "door-rules": doorRules?.message.doorRulesVersion ?? 0,
  });

  function adoptable(checked: Snapshot, bytes: Uint8Array): Checked {
    return {
      version: checked.version,
      bytes,
      adopt: () => {
        snapshot = checked;
        snapshotBytes = bytes;
      },
    };
  }

  async function checkSnapshotMessage(
    kind: "snapshot" | "delta",
    message: Uint8Array,
  ): Promise<Checked | { readonly version: number }> {
    const { policyKey, gateId, communityId } = identity;
    const answer = await checkSnapshot({
      kind,
      message,
      policyKey,
      gateId,
      communityId,
      held: heldSnapshot(),
    });
    switch (answer.outcome) {
      case "checked":
        return adoptable(answer.snapshot, answer.bytes);
      case "held":
        return { version: answer.version };
      case "refused":
        throw new Refusal(answer.error, answer.version);
    }
  }

  function heldSnapshot(): SnapshotRequest["held"] {
    if (snapshot === undefined || snapshotBytes === undefined) return undefined;
    return { version: snapshot.version, bytes: snapshotBytes, stored: !unstored.has("snapshot") };
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

  function checkPasses(bytes: Uint8Array): Checked {
    const message = passesMessage.decode(bytes);
    const { gateId, communityId, passesVersion: version } = message;
    if (gateId !== identity.gateId) throw new Refusal("wrong-gate", version);
    if (communityId !== identity.communityId) throw new Refusal("invalid", version);
    return {
      version,
      bytes,
      adopt: () => {
        passes = message;
      },
    };
  }

  function checkDoorRules(bytes: Uint8Array): Checked {
    const message = doorRulesMessage.decode(bytes);
    const { gateId, communityId, doorRulesVersion: version } = message;
    if (gateId !== identity.gateId) throw new Refusal("wrong-gate", version);
    if (communityId !== identity.communityId) throw new Refusal("invalid", version);
    const rules = parsedRules(message);
    return {
      version,
      bytes,
      adopt: () => {
        doorRules = { message, rules };
      },
    };
  }

  function parsedRules(message: DoorRulesMessage): DoorRules {
    try {
      return doorRulesOf(message);
    } catch (fault) {
      if (fault instanceof DomainError) throw new Refusal("invalid", message.doorRulesVersion);
      throw fault;
    }
  }

  function adoptableTrail(state: TrailState, bytes: Uint8Array): Checked {
    return {
      version: state.version,
      bytes,
      adopt: () => {
        trail = state;
      },
    };
  }

  async function checkTrailMessage(message: Uint8Array): Promise<Checked | { readonly version: number }> {
    const { policyKey, gateId, communityId } = identity;
    const answer = await checkTrailAside({
      message,
      policyKey,
      gateId,
      communityId,
      held: trail === undefined ? undefined : { state: trail, stored: !unstored.has("trail") },
      earliestMs: options.earliestMs(),
    });
    switch (answer.outcome) {
      case "checked":
        return adoptableTrail(answer.state, storeTrail(answer.state, identity));
      case "held":
        return { version: answer.version };
      case "refused":
        throw new TrailRefusal(answer);
    }
  }

  function verified(kind: "keyring" | "modes" | "passes" | "door-rules", message: Uint8Array): Uint8Array {
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
    switch (kind) {
      case "snapshot":
      case "delta":
        return checkSnapshotMessage(kind, message);
      case "keyring": {
        const { gateId, keyringVersion, encapsulatedKey, ciphertext } = sealedKeyring.decode(
          verified(kind, message),
        );
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
        const payload = verified(kind, message);
        const { gateId, generation } = modesMessage.decode(payload);
        if (gateId !== identity.gateId) throw new Refusal("wrong-gate", generation);
        if (isHeld("modes", generation)) return { version: generation };
        return checkModes(payload);
      }
      case "trail":
        return checkTrailMessage(message);
      case "passes": {
        const checked = checkPasses(verified(kind, message));
        return isHeld("passes", checked.version) ? { version: checked.version } : checked;
      }
      case "door-rules": {
        const checked = checkDoorRules(verified(kind, message));
        return isHeld("door-rules", checked.version) ? { version: checked.version } : checked;
      }
    }
  }

  function isHeld(what: "keyring" | "modes" | "passes" | "door-rules", version: number): boolean {
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
      return {
        what,
        documentVersion: version,
        ok: false,
        error,
        changed: false,
        ...(fault instanceof TrailRefusal ? { notEndorsed: fault.notEndorsed } : {}),
      };
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
      if (kind === "snapshot") adoptable(readSnapshot(bytes, version, identity), bytes).adopt();
      else if (kind === "modes") checkModes(bytes).adopt();
      else if (kind === "passes") checkPasses(bytes).adopt();
      else if (kind === "door-rules") checkDoorRules(bytes).adopt();
      else if (kind === "trail") adoptableTrail(restoreTrail(bytes, identity), bytes).adopt();
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
    trail: () => trail,
    passes: () => passes,
    doorRules: () => doorRules,
    versions,
    receive(kind, message) {
      const received = queue.then(() => receiveOne(kind, message));
      queue = received.catch(() => undefined);
      return received;
    },
  };
}
