import { randomUUID } from "node:crypto";
import type { BodyOf, VendorAccess, vendorAccessEndpoints } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import {
  closeVendorAccess,
  endVendorSessions,
  insertVendorAccess,
  selectOpenVendorAccess,
  selectVendorAccess,
  selectVendorAccesses,
} from "./vendor-access.store.ts";

const HOUR_MS = 3_600_000;

export type VendorAccessService = ReturnType<typeof makeVendorAccessService>;

/** Hours in which whoever maintains the devices gets in: closed unless somebody opened them, and for all to see. */
export function makeVendorAccessService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
}) {
  const { db, clock, change } = dependencies;
  return {
    /** For everybody of the staff: nobody works beside a stranger without knowing. */
    async current(): Promise<{ open?: VendorAccess }> {
      return { ...optional("open", await selectOpenVendorAccess(db, clock.now())) };
    },

    async list(actor: Actor): Promise<VendorAccess[]> {
      authorise(actor, "staff.read");
      return selectVendorAccesses(db);
    },

    /** Throws `conflict` while one is open: its end would not be the one that everybody reads. */
    async open(
      author: StaffAuthor,
      { company, hours }: BodyOf<typeof vendorAccessEndpoints.open>,
    ): Promise<VendorAccess> {
      authorise(author.actor, "vendors.admit");
      demandReason(author.reason);
      return change(author, async ({ trx, at, record }) => {
        // Two who open at the same moment come one after the other.
        await trx.selectFrom("community").select("id").forUpdate().execute();
        if ((await selectOpenVendorAccess(trx, at)) !== undefined) {
          throw refusal("conflict", "vendors are let in already");
        }
        await endVendorSessions(trx);
        const id = randomUUID();
        const until = at + hours * HOUR_MS;
        await insertVendorAccess(trx, {
          id,
          company: company.trim(),
          openedBy: author.actor.staffId,
          reasonCode: author.reason.code,
          reasonText: author.reason.text,
          openedAt: at,
          until,
        });
        await record({
          action: "vendor-access.opened",
          entity: "vendor-access",
          entityId: id,
          after: { company: company.trim(), until },
        });
        return found(await selectVendorAccess(trx, id), "vendor access");
      });
    },

    /** Throws `conflict` for one that is over. Whoever may open may close, and so may the owners' committee. */
    async close(author: StaffAuthor, id: string): Promise<VendorAccess> {
      authorise(author.actor, "vendors.admit");
      return change(author, async ({ trx, at, record }) => {
        found(await selectVendorAccess(trx, id), "vendor access");
        if (!(await closeVendorAccess(trx, id, author.actor.staffId, at))) {
          throw refusal("conflict", "these hours are over already");
        }
        await endVendorSessions(trx);
        await record({ action: "vendor-access.closed", entity: "vendor-access", entityId: id });
        return found(await selectVendorAccess(trx, id), "vendor access");
      });
    },
  };
}
