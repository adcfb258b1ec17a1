import { toHex, wipe } from "@menshen/crypto/node";
import type { DeskDayKeys } from "../../keys/desk-day-keys.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { StoredDeskKey } from "./desk-keys.store.ts";

/** Nonce, secret and tag: what earlier versions stored. Sealed twice it is longer. */
const ONCE_SEALED_BYTES = 12 + 32 + 16;

export type DeskSecrets = ReturnType<typeof makeDeskSecrets>;

/** Secret halves of the desk's keys, as the database holds them: under the file of their own, and under the storage key. */
export function makeDeskSecrets(dependencies: {
  readonly storageKey: StorageKey;
  readonly dayKeys: DeskDayKeys;
}) {
  const { storageKey, dayKeys } = dependencies;

  /** Its file is on the disk when this returns: a row that is stored after it can be opened. */
  function seal(id: Uint8Array, secretKey: Uint8Array): Uint8Array {
    const context = contextOf(id);
    return storageKey.seal(dayKeys.make(id).seal(secretKey, context), context);
  }

  return {
    seal,
    /** `undefined` without its file. Throws `keys-unreadable` for what was sealed under other keys. */
    open({ id, sealed }: Pick<StoredDeskKey, "id" | "sealed">): Uint8Array | undefined {
      const context = contextOf(id);
      return dayKeys.read(id)?.open(storageKey.open(sealed, context), context);
    },
    /** What an earlier version stored, sealed again with a file of its own; `undefined` for all other. */
    resealed({ id, sealed }: Pick<StoredDeskKey, "id" | "sealed">): Uint8Array | undefined {
      if (sealed.length !== ONCE_SEALED_BYTES) return undefined;
      const secretKey = storageKey.open(sealed, contextOf(id));
      try {
        return seal(id, secretKey);
      } finally {
        wipe(secretKey);
      }
    },
    isLost: ({ id }: Pick<StoredDeskKey, "id">): boolean => dayKeys.read(id) === undefined,
    destroy: dayKeys.destroy,
    destroyAllBut: dayKeys.destroyAllBut,
  };
}

function contextOf(id: Uint8Array): string {
  return `desk-key:${toHex(id)}`;
}
