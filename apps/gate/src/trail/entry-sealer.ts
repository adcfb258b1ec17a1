import { equalBytes, p256Sign, primitives, randomBytes, toHex } from "@menshen/crypto/node";
import {
  deskKeyId,
  type EpochKey,
  encodeIdentityText,
  type PreparedSeal,
  parseEpochKey,
  prepareSeal,
  sealDeskName,
  wrapTrail,
} from "@menshen/custody";
import { CredentialKey, type EpochGrid, epochAt } from "@menshen/domain";
import { isAstray, singlesOut } from "@menshen/policy";
import {
  type AccessEntry,
  accessEntryToSign,
  type JournalEntry,
  reasonNumber,
  uuidBytes,
} from "@menshen/wire";
import { type JournalDraft, numberDraft, type SealedIdentity } from "../store/journal-draft.ts";
import { type DeskKey, deskKeyFor } from "./desk-keys.ts";
import {
  astrayPseudonymKey,
  counterOffset,
  namedPseudonymKey,
  type PseudonymKey,
  pseudonymKeyId,
  pseudonymOf,
  ratchetTo,
} from "./pseudonym-key.ts";

/** What entries are sealed with. Plain values, for another thread. Holds secrets. */
export interface SealingMaterial {
  /** UUID, 16 bytes. */
  readonly gateId: Uint8Array;
  /** P-256 scalar of the device key, 32 bytes. */
  readonly deviceSecret: Uint8Array;
  /** Absent until a trail document came. */
  readonly grid?: EpochGrid;
  /** Public keys of the custodians, encoded. */
  readonly epochKeys: readonly { readonly epoch: number; readonly encoded: Uint8Array }[];
  readonly pseudonymKey?: PseudonymKey;
  /** X25519 keys of holders by credential. */
  readonly trailKeys: readonly { readonly credentialKey: Uint8Array; readonly key: Uint8Array }[];
  /** Of the community's duty desk; none unless it names somebody. */
  readonly deskKeys: readonly DeskKey[];
  /** Credentials of staff who were told. */
  readonly named: readonly Uint8Array[];
}

/** An entry with its number, and whether something that should be sealed could not be. */
export interface SealedDraft {
  readonly entry: JournalEntry;
  readonly failed: boolean;
}

/**
 * Gives drafts their numbers and, in the same step, turns who went through into what only the custodians and the holder
 * can open: both are bound to the number. Synchronous; lives on the thread that numbers.
 */
export interface EntrySealer {
  use(material: SealingMaterial): void;
  /** Never throws for a fault of sealing: then the identity is left out. It is never in the entry otherwise. */
  number(draft: JournalDraft, sequence: number): SealedDraft;
  /** Another number for an entry whose identity is not known any more: what was sealed under the old one is left out. */
  renumber(entry: JournalEntry, sequence: number): JournalEntry;
  /** Computes ahead for one entry; false when there is nothing to do. */
  prepare(): boolean;
}

/** As many as one commit takes: a crowd at all doors is sealed in tens of milliseconds. */
const PREPARED_SEALS = 128;
const CREDENTIAL_NAME_BYTES = 8;

export function makeEntrySealer(random: (lengthBytes: number) => Uint8Array = randomBytes): EntrySealer {
  let material: SealingMaterial | undefined;
  let trailKeys: ReadonlyMap<string, Uint8Array> = new Map();
  let named: ReadonlySet<string> = new Set();
  let opened: { readonly encoded: Uint8Array; readonly key: EpochKey } | undefined;
  const prepared: PreparedSeal[] = [];

  /** The key of an epoch. Only one is kept: what is prepared belongs to it. */
  function epochKey(epoch: number): EpochKey | undefined {
    const found = material?.epochKeys.find((one) => one.epoch === epoch);
    if (found === undefined) return undefined;
    if (opened === undefined || !equalBytes(opened.encoded, found.encoded)) {
      opened = { encoded: found.encoded, key: parseEpochKey(found.encoded) };
      prepared.length = 0;
    }
    return opened.key;
  }

  function pseudonymKeyOf(epoch: number): Uint8Array | undefined {
    const known = material?.pseudonymKey;
    // Past keys are gone; a later one follows from this one, also when nobody has said so yet.
    return known === undefined || known.epoch > epoch ? undefined : ratchetTo(known, epoch).key;
  }

  function underPseudonym(
    body: AccessEntry["body"],
    identity: SealedIdentity,
    epoch: number,
    deskKey: Uint8Array | undefined,
  ): Partial<AccessEntry["body"]> {
    const ofEpoch = pseudonymKeyOf(epoch);
    if (ofEpoch === undefined || identity.isStranger === true) return {};
    const isLost = isAstray(body.reasons);
    if (!isLost && singlesOut(body.reasons)) return {};
    const ofEntry = deskKey === undefined ? ofEpoch : namedPseudonymKey(ofEpoch, deskKeyId(deskKey));
    const key = isLost ? astrayPseudonymKey(ofEntry) : ofEntry;
    const { credentialKey, counter } = identity;
    const raised = counter === undefined ? Number.NaN : counter + counterOffset(key, credentialKey);
    return {
      pseudonym: pseudonymOf(key, credentialKey),
      epoch,
      pseudonymKeyId: pseudonymKeyId(key),
      ...(Number.isSafeInteger(raised) ? { evidence: { ...body.evidence, counter: raised } } : {}),
    };
  }

  function toCustodians(
    draft: { readonly earliest: number },
    accessPoint: Uint8Array,
    sequence: number,
    identity: SealedIdentity,
    epoch: number,
  ): Partial<AccessEntry["body"]> {
    const key = epochKey(epoch);
    if (key === undefined || material === undefined) return {};
    const seal = prepared.pop() ?? prepareSeal(key, random);
    const plaintext = encodeIdentityText({
      kind: identity.kind,
      credentialKey: CredentialKey(identity.credentialKey),
      counter: identity.counter ?? 0,
    });
    const label = { gate: material.gateId, sequence, accessPoint, timeMs: draft.earliest };
    return { sealed: seal({ label, plaintext }) };
  }

  /** The key of the duty desk that this entry is named to. */
  function deskKeyOf(draft: JournalDraft, identity: SealedIdentity | undefined): Uint8Array | undefined {
    if (material === undefined || identity === undefined) return undefined;
    return deskKeyFor(material.deskKeys, draft, named.has(toHex(identity.credentialKey)));
  }

  function signed(entry: AccessEntry): AccessEntry {
    if (material === undefined) return entry;
    const signature = p256Sign(material.deviceSecret, accessEntryToSign(entry));
    return { ...entry, body: { ...entry.body, signature } };
  }

  return {
    use(next) {
      material = next;
      trailKeys = new Map(next.trailKeys.map(({ credentialKey, key }) => [toHex(credentialKey), key]));
      named = new Set(next.named.map(toHex));
    },

    number(draft, sequence) {
      const plain = numberDraft(draft, sequence);
      if (plain.kind !== "access" || draft.kind !== "access") return { entry: plain, failed: false };
      const { identity } = draft;
      const { body } = plain;
      let failed = false;
      const attempt = <T extends object>(part: () => T): T | undefined => {
        try {
          return part();
        } catch {
          failed = true;
          return undefined;
        }
      };
      const epoch = material?.grid === undefined ? undefined : epochAt(material.grid, draft.earliest);
      const accessPoint = uuidBytes(body.accessPointId);
      const [reason] = body.reasons;
      const wrap =
        body.kind === undefined || reason === undefined
          ? undefined
          : attempt(() =>
              wrapTrail(
                { ...primitives, randomBytes: random },
                identity === undefined ? undefined : trailKeys.get(toHex(identity.credentialKey)),
                {
                  kind: body.kind ?? "uid",
                  granted: body.granted,
                  reason: reasonNumber(reason.code),
                  timeMs: draft.earliest,
                  accessPoint,
                  sequence,
                  credential:
                    identity?.credentialKey.slice(0, CREDENTIAL_NAME_BYTES) ??
                    new Uint8Array(CREDENTIAL_NAME_BYTES),
                },
              ),
            );
      const deskKey = deskKeyOf(draft, identity);
      const deskName =
        deskKey === undefined || identity === undefined || material === undefined
          ? undefined
          : attempt(() =>
              sealDeskName(
                { ...primitives, randomBytes: random },
                deskKey,
                { gate: material?.gateId ?? new Uint8Array(), sequence, accessPoint, timeMs: draft.earliest },
                CredentialKey(identity.credentialKey),
              ),
            );
      const entry: AccessEntry = {
        ...plain,
        body: {
          ...body,
          ...(identity === undefined || epoch === undefined
            ? {}
            : {
                ...attempt(() => underPseudonym(body, identity, epoch, deskKey)),
                ...attempt(() => toCustodians(draft, accessPoint, sequence, identity, epoch)),
              }),
          ...(wrap === undefined ? {} : { wrap }),
          ...(deskName === undefined ? {} : { deskName }),
        },
      };
      return { entry: attempt(() => signed(entry)) ?? entry, failed };
    },

    renumber(entry, sequence) {
      if (entry.kind !== "access") return { ...entry, sequence };
      const { sealed: _sealed, deskName: _deskName, signature: _signature, ...body } = entry.body;
      return signed({ ...entry, sequence, body });
    },

    prepare() {
      const epoch = material?.pseudonymKey?.epoch;
      if (epoch === undefined) return false;
      try {
        const key = epochKey(epoch);
        if (key === undefined || prepared.length >= PREPARED_SEALS) return false;
        prepared.push(prepareSeal(key, random));
        return true;
      } catch {
        // It is tried again, and told, when an entry is to be sealed.
        return false;
      }
    },
  };
}
