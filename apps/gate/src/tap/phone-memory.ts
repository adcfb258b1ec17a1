import {
  type AliroKnownCredential,
  applyRevocation,
  type RevocationData,
  type RevocationList,
} from "@menshen/credentials";
import { fromHex, sha256, toHex } from "@menshen/crypto/node";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { GateError } from "../errors.ts";
import type { Seal } from "../keys/seal.ts";
import type { StateKeeper } from "../store/state-keeper.ts";
import type { Remote } from "../store/store-thread.ts";

/** What a gate remembers of telephones, across restarts. */
export interface PhoneMemory {
  /** Telephones that a fast transaction may be held with as this reader, the one seen last first. */
  readonly fastKeys: (reader: Uint8Array) => readonly AliroKnownCredential[];
  /** A telephone was here; with `kpersistent` its key for next time is a new one. */
  readonly keep: (reader: Uint8Array, publicKey: Uint8Array, kpersistent: Uint8Array | undefined) => void;
  /** The iteration of the newest revocation document that was taken. */
  readonly newestRevocation: () => number | undefined;
  /** Takes what a verified revocation document says; an older one changes nothing. */
  readonly revoke: (iteration: number, revocations: readonly RevocationData[]) => void;
  readonly isRevoked: (publicKey: Uint8Array) => boolean;
  /** Forgets telephones by their public keys; resolves with how many there were, when that is on the disk. */
  readonly forget: (isMeant: (publicKey: Uint8Array) => boolean) => Promise<number>;
  /** Ends with what was remembered on the disk, as far as the disk takes it. */
  readonly flush: () => Promise<void>;
}

const PURPOSE = "menshen gate telephones v1";
const SECRET = "telephones";
/** Each key that does not fit costs some 40 µs of trying; beyond this the standard way would be the quicker one. */
export const MAX_FAST_KEYS = 64;

const Hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` });
const Stored = Type.Object({
  /** Seen last stands last. */
  fast: Type.Array(Type.Object({ reader: Hex(32), publicKey: Hex(65), kpersistent: Hex(32) }), {
    maxItems: MAX_FAST_KEYS,
  }),
  iteration: Type.Optional(Type.Integer({ minimum: 0 })),
  /** SHA-256 over public keys. */
  revoked: Type.Array(Hex(32)),
});
type Stored = Static<typeof Stored>;

/**
 * Reads what was kept; what cannot be read is forgotten: telephones hold a standard transaction again, and revocations come
 * again with the keyring.
 */
export async function openPhoneMemory(
  state: Pick<Remote<StateKeeper>, "secret" | "keepSecret">,
  seal: Seal,
): Promise<PhoneMemory> {
  const kept = await load(state, seal);
  const fast = new Map(kept.fast.map((one) => [`${one.reader} ${one.publicKey}`, one]));
  let { iteration } = kept;
  let revoked = new Set(kept.revoked);
  let saving: Promise<void> | undefined;
  let isDirty = false;
  let stored = true;

  async function saveAll(): Promise<void> {
    while (isDirty) {
      isDirty = false;
      const value: Stored = {
        fast: [...fast.values()],
        revoked: [...revoked],
        ...(iteration === undefined ? {} : { iteration }),
      };
      const bytes = seal.seal(PURPOSE, new TextEncoder().encode(JSON.stringify(value)));
      // A disk that fails is told of by the journal; here it costs a standard transaction.
      stored = await state.keepSecret(SECRET, bytes).then(
        () => true,
        () => false,
      );
    }
  }

  function save(): void {
    isDirty = true;
    saving ??= saveAll().finally(() => {
      saving = undefined;
    });
  }

  return {
    fastKeys: (reader) => {
      const name = toHex(reader);
      return [...fast.values()]
        .filter((one) => one.reader === name)
        .reverse()
        .map(({ publicKey, kpersistent }) => ({
          publicKey: fromHex(publicKey),
          kpersistent: fromHex(kpersistent),
        }));
    },
    keep(reader, publicKey, kpersistent) {
      const name = `${toHex(reader)} ${toHex(publicKey)}`;
      const known =
        kpersistent === undefined
          ? fast.get(name)
          : { reader: toHex(reader), publicKey: toHex(publicKey), kpersistent: toHex(kpersistent) };
      if (known === undefined) return;
      // Set anew, so that the order is that of use; the order alone is not worth a write.
      fast.delete(name);
      fast.set(name, known);
      const [oldest] = fast.keys();
      if (fast.size > MAX_FAST_KEYS && oldest !== undefined) fast.delete(oldest);
      if (kpersistent !== undefined) save();
    },
    newestRevocation: () => iteration,
    revoke(next, revocations) {
      if (iteration !== undefined && next < iteration) return;
      const before: RevocationList = { publicKeyHashes: revoked, ids: new Set() };
      const { publicKeyHashes } = revocations.reduce(applyRevocation, before);
      // Two of the same second: what either says holds.
      const after = new Set([...publicKeyHashes, ...(next === iteration ? revoked : [])]);
      const isSame = next === iteration && after.size === revoked.size;
      revoked = after;
      iteration = next;
      if (!isSame) save();
    },
    async forget(isMeant) {
      const meant = [...fast].filter(([, { publicKey }]) => isMeant(fromHex(publicKey)));
      for (const [name] of meant) fast.delete(name);
      if (meant.length > 0) save();
      await saving;
      if (!stored)
        throw new GateError("disk-failed", "what was remembered of telephones could not be stored");
      return meant.length;
    },
    isRevoked: (publicKey) => revoked.has(toHex(sha256(publicKey))),
    flush: async () => {
      await saving;
    },
  };
}

async function load(state: Pick<Remote<StateKeeper>, "secret">, seal: Seal): Promise<Stored> {
  const nothing: Stored = { fast: [], revoked: [] };
  try {
    const sealed = await state.secret(SECRET);
    if (sealed === undefined) return nothing;
    const value: unknown = JSON.parse(new TextDecoder().decode(seal.open(PURPOSE, sealed)));
    return Value.Check(Stored, value) ? value : nothing;
  } catch (fault) {
    if (fault instanceof GateError || fault instanceof SyntaxError) return nothing;
    throw fault;
  }
}
