import { randomUUID } from "node:crypto";
import type { BodyOf, VendorExit, vendorExitEndpoints } from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { found, optional, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import {
  insertExit,
  insertItems,
  isInUse,
  lockExit,
  putClosed,
  putItemReceipt,
  putVendorOfGate,
  selectDevices,
  selectExits,
  selectItem,
  selectVendorOfDevice,
} from "./exits.store.ts";
import { vendorOfGate } from "./vendor-of-gate.ts";
import { readVendors } from "./vendors.service.ts";

const MOST_NAMED = 20;

export type VendorExitsService = ReturnType<typeof makeVendorExitsService>;

/**
 * A vendor goes (PIPL 21): what it holds by its own page, and every device of its, each with a receipt. INVARIANT: an exit
 * with a line that lacks its receipt is not closed.
 */
export function makeVendorExitsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
}) {
  const { db, clock, change } = dependencies;

  async function read(reader: Reader): Promise<VendorExit[]> {
    const vendors = await readVendors(reader, clock.now());
    return selectExits(reader, new Map(vendors.map(({ id, page }) => [id, page.name])));
  }

  const one = async (reader: Reader, id: string): Promise<VendorExit> =>
    found(
      (await read(reader)).find((exit) => exit.id === id),
      "exit of a vendor",
    );

  async function openExit(trx: Trx, id: string): Promise<{ readonly vendorId: string }> {
    const exit = found(await lockExit(trx, id), "exit of a vendor");
    if (exit.closedAt !== null) throw refusal("conflict", "this exit is closed");
    return exit;
  }

  /** Devices as they are now: one that came since is on the list too. */
  async function listDevices(trx: Trx, id: string, vendorId: string): Promise<number> {
    const devices = await selectDevices(trx, vendorId);
    return insertItems(
      trx,
      id,
      devices.map(({ kind, id: deviceId, name }) => ({ kind, deviceId, name })),
    );
  }

  /** A word about a device must be true here: one that went is no gate any more, one that stays is another's. */
  async function demandTrue(
    trx: Trx,
    vendorId: string,
    item: { readonly kind: VendorExit["items"][number]["kind"]; readonly deviceId: string },
    outcome: string,
  ): Promise<void> {
    const device = await selectVendorOfDevice(trx, { kind: item.kind, id: item.deviceId });
    if (device === undefined) return;
    if (outcome === "kept") {
      if (device.vendorId !== vendorId) return;
      throw refusal("conflict", "a device that stays is looked after by somebody else: say who, at the gate");
    }
    if (item.kind === "gate" && (await isInUse(trx, device.gateId))) {
      throw refusal("conflict", "this gate still takes part: revoke and remove it before it goes");
    }
  }

  /** A gate that stays gets its next vendor, one who may install something here. Throws as `vendorOfGate`. */
  async function handOver(
    trx: Trx,
    item: { readonly kind: string; readonly deviceId: string | null },
    { outcome, vendorId }: { readonly outcome: string; readonly vendorId?: string },
    at: number,
  ): Promise<void> {
    if (vendorId === undefined) return;
    if (outcome !== "kept" || item.kind !== "gate" || item.deviceId === null) {
      throw refusal("invalid-request", "only a gate that stays has a next vendor");
    }
    await vendorOfGate(trx, vendorId, at);
    await putVendorOfGate(trx, item.deviceId, vendorId);
  }

  return {
    /** For anybody. */
    list: () => read(db),

    /** Throws `not-found`, and `conflict` for a vendor that is going already. */
    async begin(author: StaffAuthor, vendorId: string, ground: string): Promise<VendorExit> {
      const { actor } = author;
      authorise(actor, "vendor-pages.write");
      return change(author, async ({ trx, at, leaf, record }) => {
        const vendors = await readVendors(trx, at);
        const { page } = found(
          vendors.find(({ id }) => id === vendorId),
          "vendor",
        );
        const id = randomUUID();
        const stores = [
          ...(page.dataHeld ?? []).map(({ what, where }) => `${what} · ${where}`),
          ...(page.subProcessors ?? []).map(({ name, what, where }) => `${name} · ${what} · ${where}`),
        ];
        const leafId = await leaf({
          topic: "vendor-exit-begun",
          subject: { kind: "community" },
          statement: { exitId: id, vendorId },
          public: true,
        });
        await unlessTaken(
          insertExit(trx, { id, vendorId, ground: ground.trim(), at, staffId: actor.staffId, leafId }),
          "this vendor is going already",
        );
        await insertItems(
          trx,
          id,
          stores.map((name) => ({ kind: "store", name })),
        );
        await listDevices(trx, id, vendorId);
        await record({ action: "vendor.exit-begun", entity: "vendor", entityId: vendorId, after: {} });
        return one(trx, id);
      });
    },

    /**
     * Throws `conflict` for a word that is not true: a gate that still takes part did not go, and one that stays needs a
     * next vendor who may install something here.
     */
    async receipt(
      author: StaffAuthor,
      id: string,
      itemId: string,
      body: BodyOf<typeof vendorExitEndpoints.receipt>,
    ): Promise<VendorExit> {
      const { actor } = author;
      authorise(actor, "vendor-pages.write");
      const { outcome, words, sha256 } = body;
      return change(author, async ({ trx, at, leaf, record }) => {
        const { vendorId } = await openExit(trx, id);
        const item = found(await selectItem(trx, id, itemId), "line of this exit");
        await handOver(trx, item, body, at);
        if (item.deviceId !== null) {
          const device = {
            kind: item.kind === "reader" ? "reader" : "gate",
            deviceId: item.deviceId,
          } as const;
          await demandTrue(trx, vendorId, device, outcome);
        } else if (outcome === "kept") {
          throw refusal("conflict", "what a vendor stores goes back or is deleted");
        }
        const leafId = await leaf({
          topic: "vendor-exit-receipt",
          subject: { kind: "community" },
          statement: {
            exitId: id,
            itemId,
            outcome,
            ...optional("sha256", sha256),
            ...optional("vendorId", body.vendorId),
          },
          public: true,
        });
        await putItemReceipt(trx, itemId, {
          outcome,
          words: words.trim(),
          sha256,
          at,
          staffId: actor.staffId,
          leafId,
        });
        await record({
          action: "vendor.exit-receipt",
          entity: "vendor",
          entityId: vendorId,
          after: { item: itemId, outcome, ...optional("vendor", body.vendorId) },
        });
        return one(trx, id);
      });
    },

    /** Throws `conflict` while a line lacks its receipt, and names those lines. */
    async close(author: StaffAuthor, id: string): Promise<VendorExit> {
      const { actor } = author;
      authorise(actor, "vendor-pages.write");
      // A device that came since is put on the list whether this closes or not.
      await db.transaction().execute(async (trx) => listDevices(trx, id, (await openExit(trx, id)).vendorId));
      return change(author, async ({ trx, at, leaf, record }) => {
        const { vendorId } = await openExit(trx, id);
        const { items } = await one(trx, id);
        const missing = items.filter((item) => item.outcome === undefined);
        if (missing.length > 0) {
          throw refusal(
            "conflict",
            `not closed: no receipt yet of ${missing
              .slice(0, MOST_NAMED)
              .map(({ name }) => `\`${name}\``)
              .join(", ")}`,
            {
              fields: missing
                .slice(0, MOST_NAMED)
                .map((item) => ({ path: `items/${item.id}`, message: "no receipt" })),
            },
          );
        }
        const leafId = await leaf({
          topic: "vendor-exit-closed",
          subject: { kind: "community" },
          statement: { exitId: id, vendorId, items: items.length },
          public: true,
        });
        await putClosed(trx, id, { at, staffId: actor.staffId, leafId });
        await record({
          action: "vendor.exit-closed",
          entity: "vendor",
          entityId: vendorId,
          after: { items: items.length },
        });
        return one(trx, id);
      });
    },
  };
}
