import type { ChangeItem, ChangeReason, changeEndpoints, QueryOf, ViewItem } from "@menshen/wire";
import { CHANGE_REASON_CODES, STAFF_BODIES, STAFF_ROLES, VIEWED } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import { parseDuty } from "../../authority/roles.ts";
import { cutPage } from "../../database/cursor.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { known, viewReason } from "../../view-record/index.ts";
import { selectChanges, selectViews } from "./changes.store.ts";

const DEFAULT_LIMIT = 100;

export type ChangesService = ReturnType<typeof makeChangesService>;

/** For auditors: what was changed and looked at, by whom and why. */
export function makeChangesService({ db }: { readonly db: Database }) {
  return {
    async list(actor: Actor, query: QueryOf<typeof changeEndpoints.list>) {
      authorise(actor, "changes.read");
      const limit = query.limit ?? DEFAULT_LIMIT;
      const page = cutPage(await selectChanges(db, query, limit), limit, (row) => [row.id]);
      const items = page.rows.map(
        (row): ChangeItem => ({
          id: row.id,
          at: row.at,
          ...optional("staffId", row.staff_id),
          ...optional("staffName", row.staff_name),
          ...optional("duty", parseDuty(row.duty ?? "")),
          action: row.action,
          entity: row.entity,
          entityId: row.entity_id,
          reason: changeReason(row.reason_code, row.reason_text),
          ...optional("before", fields(row.before)),
          ...optional("after", fields(row.after)),
        }),
      );
      return { items, ...optional("nextCursor", page.nextCursor) };
    },

    async views(actor: Actor, query: QueryOf<typeof changeEndpoints.views>) {
      authorise(actor, "changes.read");
      const limit = query.limit ?? DEFAULT_LIMIT;
      const page = cutPage(await selectViews(db, query, limit), limit, (row) => [row.at, row.id]);
      const items = page.rows.map(
        (row): ViewItem => ({
          id: row.id,
          at: row.at,
          staffId: row.staff_id,
          staffName: row.staff_name,
          body: known(STAFF_BODIES, row.body),
          role: known(STAFF_ROLES, row.role),
          what: known(VIEWED, row.what),
          reason: viewReason(row),
          ...optional("leafIndex", row.leaf_index),
        }),
      );
      return { items, ...optional("nextCursor", page.nextCursor) };
    },
  };
}

function changeReason(code: string, text: string | null): ChangeReason {
  const known = CHANGE_REASON_CODES.find((candidate) => candidate === code) ?? "other";
  return { code: known, ...optional("text", text) };
}

function fields(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? { ...value } : undefined;
}
