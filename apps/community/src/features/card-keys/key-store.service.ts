import type { CardKeyStore, HealthFinding } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { KeyVault } from "../../keys/key-vault.ts";

export type KeyStoreService = ReturnType<typeof makeKeyStoreService>;

/** Where the keys of cards are kept, whether they are open, and opening them. */
export function makeKeyStoreService(dependencies: {
  readonly change: ChangeRunner;
  readonly vault: KeyVault;
}) {
  const { change, vault } = dependencies;

  async function state(): Promise<CardKeyStore> {
    const lock = vault.lock();
    if (lock !== undefined) return { backEnd: vault.backEnd, lock, keys: [] };
    const keys = await vault.list();
    return {
      backEnd: vault.backEnd,
      keys: keys.map(({ reference, use, checkValue }) => ({ ...reference, use, checkValue })),
    };
  }

  return {
    /** For those who write cards, and those who can unlock. */
    async read(actor: Actor): Promise<CardKeyStore> {
      if (!actor.permissions.has("credentials.read")) authorise(actor, "custody.write");
      return state();
    },

    /** Throws as `KeyVault.unlock`. Unlocking what is open is no trouble. */
    async unlock(author: StaffAuthor, secret: string): Promise<CardKeyStore> {
      authorise(author.actor, "custody.write");
      demandReason(author.reason);
      const wasLocked = vault.lock() !== undefined;
      await vault.unlock(secret);
      if (wasLocked) {
        await change(author, ({ record }) =>
          record({ action: "card-keys.unlocked", entity: "card-keys", entityId: "store" }),
        );
      }
      return state();
    },
  };
}

/** Keys that are locked: cards are not written, and gates get no new ones. */
export function keyStoreFindings(vault: KeyVault): readonly HealthFinding[] {
  const lock = vault.lock();
  return lock === undefined ? [] : [{ code: "card-keys-locked", severity: "fault", values: { lock } }];
}
