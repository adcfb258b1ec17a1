import type { changeEndpoints, QueryOf } from "@menshen/wire";
import { decodeCursor } from "../../database/cursor.ts";
import { moment, type Reader } from "../../database/database.ts";

type ChangeQuery = QueryOf<typeof changeEndpoints.list>;
type ViewQuery = QueryOf<typeof changeEndpoints.views>;

/** Changes, newest first, one more than `limit`. */
export function selectChanges(db: Reader, query: ChangeQuery, limit: number) {
  let select = db
    .selectFrom("change")
    .leftJoin("staff", "staff.id", "change.staff_id")
    .selectAll("change")
    .select("staff.display_name as staff_name")
    .orderBy("change.id", "desc")
    .limit(limit + 1);
  if (query.cursor !== undefined) {
    const [id] = decodeCursor(query.cursor, ["number"]);
    select = select.where("change.id", "<", id);
  }
  if (query.entity !== undefined) select = select.where("change.entity", "=", query.entity);
  if (query.entityId !== undefined) select = select.where("change.entity_id", "=", query.entityId);
  if (query.action !== undefined) select = select.where("change.action", "=", query.action);
  if (query.staffId !== undefined) select = select.where("change.staff_id", "=", query.staffId);
  if (query.from !== undefined) select = select.where("change.at", ">=", moment(query.from));
  if (query.until !== undefined) select = select.where("change.at", "<", moment(query.until));
  return select.execute();
}

/** Looks at residents' data, newest first, one more than `limit`. */
export function selectViews(db: Reader, query: ViewQuery, limit: number) {
  let select = db
    .selectFrom("personal_view")
    .innerJoin("staff", "staff.id", "personal_view.staff_id")
    .leftJoin("evidence_leaf", "evidence_leaf.leaf_id", "personal_view.leaf_id")
    .selectAll("personal_view")
    .select(["staff.display_name as staff_name", "evidence_leaf.index as leaf_index"])
    .orderBy("personal_view.at", "desc")
    .orderBy("personal_view.id", "desc")
    .limit(limit + 1);
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, ["number", "string"]);
    select = select.where((eb) =>
      eb(eb.refTuple("personal_view.at", "personal_view.id"), "<", eb.tuple(moment(at), eb.val(id))),
    );
  }
  if (query.staffId !== undefined) select = select.where("personal_view.staff_id", "=", query.staffId);
  return select.execute();
}
