import {
  STAFF_BODIES,
  STAFF_ROLES,
  type StaffBody,
  type StaffRole,
  VIEW_REASON_CODES,
  VIEWED,
  type Viewed,
  type ViewReason,
} from "@menshen/wire";
import type { Reader } from "../database/database.ts";
import { optional } from "../database/records.ts";
import { CommunityError } from "../errors.ts";
import { type OpenedStatement, openStatements } from "../evidence-record/index.ts";
import type { StorageKey } from "../keys/storage-key.ts";

/** One look of a member of staff at a person's data, as the person reads it. */
export interface StaffLook {
  readonly id: string;
  readonly at: number;
  readonly body: StaffBody;
  readonly role: StaffRole;
  readonly reason: ViewReason;
  readonly what: Viewed;
  /** Its leaf, with what opens it. */
  readonly evidence: OpenedStatement;
}

/** Most of a person's looks that are shown at once. */
const MOST_LOOKS = 1_000;

/** Who of the staff looked at a person, newest first, as soon as it happened. Whoever calls decides who may ask. */
export async function selectLooksAt(
  db: Reader,
  storageKey: StorageKey,
  personId: string,
): Promise<readonly StaffLook[]> {
  const rows = await db
    .selectFrom("personal_view")
    .selectAll()
    .where("person_id", "=", personId)
    .orderBy("at", "desc")
    .orderBy("id", "desc")
    .limit(MOST_LOOKS)
    .execute();
  const opened = await openStatements(
    db,
    storageKey,
    rows.map((row) => row.leaf_id),
  );
  const byLeaf = new Map(opened.map((statement) => [statement.leafId, statement]));
  return rows.flatMap((row) => {
    const evidence = byLeaf.get(row.leaf_id);
    if (evidence === undefined) return [];
    return [
      {
        id: row.id,
        at: row.at,
        body: known(STAFF_BODIES, row.body),
        role: known(STAFF_ROLES, row.role),
        reason: viewReason(row),
        what: known(VIEWED, row.what),
        evidence,
      },
    ];
  });
}

/** Parses a stored reason. */
export function viewReason(row: {
  readonly purpose: string;
  readonly purpose_text: string | null;
}): ViewReason {
  return { code: known(VIEW_REASON_CODES, row.purpose), ...optional("text", row.purpose_text) };
}

/** Parses a stored word; throws `internal` for one that this version does not know. */
export function known<Word extends string>(words: readonly Word[], text: string): Word {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new CommunityError("internal", "a stored word is unknown");
  return word;
}
