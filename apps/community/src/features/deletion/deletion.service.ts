import { randomUUID } from "node:crypto";
import { ed25519Sign, randomBytes, sha256, toHex } from "@menshen/crypto/node";
import { type DeletedGate, makeDeletionReceipt } from "@menshen/evidence";
import {
  type Deletion,
  type DeletionCode,
  type DeletionGround,
  type DeletionStore,
  type DeletionWithReceipts,
  forgetList,
  uuidBytes,
  uuidText,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { selectPeopleNamed } from "../../database/names.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { ForgettingSource } from "../../gate-link/index.ts";
import type { PersonKeys } from "../../keys/person-keys.ts";
import type { ReceiptKey } from "../../keys/receipt-key.ts";
import { makeRateLimit } from "../identity/index.ts";
import {
  closeComplete,
  countRowsAbout,
  countTrailKeys,
  deleteOld,
  insertDeletion,
  putOwnCode,
  putReceipt,
  putStore,
  releaseGates,
  type StoredDeletion,
  selectCredentialKeys,
  selectDeletedIds,
  selectDeletion,
  selectDeletions,
  selectDue,
  selectOpenDeletions,
  selectPresent,
  setCode,
} from "./deletion.store.ts";

const MOST_LISTED = 200;
const CODE_BYTES = 20;
const ASKED_ONESELF = { actor: undefined, reason: { code: "resident-request" } } as const;

export type DeletionService = ReturnType<typeof makeDeletionService>;

/**
 * What becomes of somebody's data, until every store and every gate gave its receipt. The rows go in the transaction of
 * the erasure; then the person's key is destroyed, which reaches every copy of the database there is; gates answer when
 * they can, and whoever has the code, or the desk, sees who is missing.
 */
export function makeDeletionService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly personKeys: PersonKeys;
  readonly communityId: string;
  readonly communityName: () => Promise<string>;
  readonly receiptKey: () => Promise<ReceiptKey>;
  readonly publicUrl: () => string;
  /** Tells connected gates. */
  readonly tellGates: () => void;
}) {
  const { db, clock, change, personKeys, communityId, communityName, receiptKey, publicUrl, tellGates } =
    dependencies;
  /** Guessing codes is hopeless; it must not cost the database much either. */
  const guesses = makeRateLimit(clock, 60, 1_000);
  let sweeping: Promise<void> | undefined;

  /** Whether a store of this server holds nothing of a person now: looked through, not assumed. */
  const isEmpty: Readonly<Record<DeletionStore, (personId: string) => Promise<boolean>>> = {
    database: async (id) => (await countRowsAbout(db, id)) === 0,
    "person-key": async (id) => personKeys.destroyed().includes(id),
    trail: async (id) => (await countTrailKeys(db, id)) === 0,
    // It keeps nothing of its own: it reads the names of people each time.
    search: async (id) => !(await selectPeopleNamed(db, "")).some((person) => person.id === id),
  };

  async function sweep(): Promise<void> {
    const open = await selectOpenDeletions(db);
    if (open.length > 0) await releaseGates(db, clock.now());
    for (const { id, personId, stores } of open) {
      // Whatever stopped us after the erasure, the key goes before anything else is said.
      if (!personKeys.destroyed().includes(personId)) personKeys.destroy(personId);
      for (const { store, at } of stores) {
        if (at === undefined && (await isEmpty[store](personId))) await putStore(db, id, store, clock.now());
      }
    }
    await closeComplete(db, clock.now());
  }

  /** Two at once would look through the same again. */
  async function settle(): Promise<void> {
    sweeping = (sweeping ?? Promise.resolve()).catch(() => undefined).then(sweep);
    await sweeping;
  }

  function viewOf(stored: StoredDeletion): Deletion {
    const { personId: _, closedAt, stores, gates, ...rest } = stored;
    return {
      ...rest,
      ...optional("closedAt", closedAt),
      stores: stores.map(({ store, at }) => ({ store, ...optional("at", at) })),
      gates: gates.map(({ gateId, name, state, isOnline, at }) => ({
        gateId,
        name,
        state,
        isOnline,
        ...optional("at", at),
      })),
    };
  }

  async function withReceipts(stored: StoredDeletion): Promise<DeletionWithReceipts> {
    const { secretKey } = await receiptKey();
    const receipt = makeDeletionReceipt(
      {
        deletionId: stored.id,
        communityId,
        communityName: await communityName(),
        ground: stored.ground,
        begunAt: stored.begunAt,
        at: clock.now(),
        isClosed: stored.closedAt !== undefined,
        sealedUntil: stored.sealedUntil,
        recordsUntil: stored.recordsUntil,
        stores: stored.stores.flatMap(({ store, at }) => (at === undefined ? [] : [{ store, at }])),
        gates: stored.gates.map(({ gateId, name, state, at, deviceKey, receipt }): DeletedGate => {
          if (at === undefined || deviceKey === undefined || receipt === undefined) {
            return { gateId, name, state: state === "released" ? "released" : "awaiting" };
          }
          return {
            gateId,
            name,
            state: "answered",
            at,
            deviceKey: toHex(deviceKey),
            receipt: toHex(receipt),
          };
        }),
      },
      (message) => ed25519Sign(secretKey, message),
    );
    return { deletion: viewOf(stored), receipt };
  }

  function newCode(): DeletionCode & { readonly hash: Uint8Array } {
    const code = toHex(randomBytes(CODE_BYTES));
    return { code, link: `${publicUrl()}/resident/#/deletion/${code}`, hash: hashOf(code) };
  }

  /** For gates that connect, and for those that are connected. */
  const forgetting: ForgettingSource = {
    async due(gateId) {
      const due = await selectDue(db, gateId);
      return due.map(({ id, credentialKeys }) => ({
        deletionId: uuidBytes(id),
        credentialKeys: [...credentialKeys],
      }));
    },
    async answered({ gateId, deviceKey }, receipt, message) {
      const deletionId = uuidText(receipt.deletionId);
      const asked = (await selectDue(db, gateId)).find(({ id }) => id === deletionId);
      // Said twice, or never asked: nothing to keep.
      if (asked === undefined) return;
      const list = sha256(forgetList(receipt.deletionId, asked.credentialKeys));
      if (toHex(list) !== toHex(receipt.listHash)) return;
      const signed = {
        deletionId,
        gateId,
        at: clock.now(),
        deviceKey: deviceKey.publicKey,
        receipt: message,
      };
      await putReceipt(db, signed);
      await closeComplete(db, clock.now());
    },
  };

  return {
    forgetting,

    /**
     * Notes a deletion in the transaction that deletes. Before anything of the person goes: their credentials are named to
     * the gates. @returns its id
     */
    async begin(
      scope: ChangeScope,
      personId: string,
      facts: { readonly ground: DeletionGround; readonly sealedUntil: number; readonly recordsUntil: number },
    ): Promise<string> {
      const id = randomUUID();
      const credentialKeys = await selectCredentialKeys(scope.trx, personId);
      await insertDeletion(scope.trx, { id, personId, begunAt: scope.at, credentialKeys, ...facts });
      return id;
    },

    /** After that transaction: destroys the key, looks through the stores, tells the gates. Repeating it is no trouble. */
    async goOn(personId: string): Promise<void> {
      personKeys.destroy(personId);
      await settle();
      tellGates();
    },

    /** Goes on with whatever is open, and forgets what nobody needs any more. */
    async tidy(): Promise<void> {
      for (const id of await selectDeletedIds(db)) {
        // A key that came back with an older copy of the key store.
        if (!personKeys.destroyed().includes(id)) personKeys.destroy(id);
      }
      await settle();
      await deleteOld(db, clock.now());
      tellGates();
    },

    /** People who are in the register though their keys were destroyed: a copy of the database from before was put back. */
    cameBack: () => selectPresent(db, personKeys.destroyed()),

    async list(actor: Actor): Promise<readonly Deletion[]> {
      authorise(actor, "homes.read");
      return (await selectDeletions(db, MOST_LISTED)).map(viewOf);
    },

    async read(actor: Actor, id: string): Promise<DeletionWithReceipts> {
      authorise(actor, "homes.read");
      return withReceipts(found(await selectDeletion(db, { id }), "deletion"));
    },

    /** For paper. Throws `not-found`. */
    async slip(author: StaffAuthor, id: string): Promise<DeletionCode> {
      authorise(author.actor, "homes.write");
      const { hash, ...code } = newCode();
      await change(author, async ({ trx, record }) => {
        if (!(await setCode(trx, id, hash))) throw refusal("not-found", "no such deletion");
        await record({ action: "deletion.slip-made", entity: "deletion", entityId: id });
      });
      return code;
    },

    /** Throws `code-invalid`, `rate-limited`. */
    async progress(code: string): Promise<DeletionWithReceipts> {
      guesses.take("codes");
      const stored = await selectDeletion(db, { codeHash: hashOf(code.trim().toLowerCase()) });
      if (stored === undefined) throw refusal("code-invalid", "no deletion has this code");
      return withReceipts(stored);
    },

    /** A code for somebody who has an account still; it opens once they were deleted. */
    async ownCode({ personId }: SignedInResident): Promise<DeletionCode> {
      const { hash, ...code } = newCode();
      await change(ASKED_ONESELF, ({ trx }) => putOwnCode(trx, personId, hash));
      return code;
    },
  };
}

function hashOf(code: string): Uint8Array {
  return sha256(new TextEncoder().encode(`menshen deletion code v1 ${code}`));
}
