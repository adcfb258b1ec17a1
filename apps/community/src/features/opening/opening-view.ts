import { OPENING_PATHS, type OpeningStatement, parseOpeningStatement } from "@menshen/domain";
import type { EvidenceLog } from "@menshen/evidence/node";
import {
  CUSTODIAN_REFUSALS,
  type CustodianStanding,
  OPENING_STATES,
  type Opening,
  type OpeningState,
} from "@menshen/wire";
import type { Reader } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";
import {
  countEntries,
  type OpeningCustodianRow,
  type OpeningRow,
  selectCustodians,
} from "./opening.store.ts";

/** What this slice needs of the evidence log. */
export type PublishedLog = Pick<EvidenceLog, "indexOf" | "proofOf" | "published">;

export function stateOf(row: Pick<OpeningRow, "state">): OpeningState {
  const state = OPENING_STATES.find((candidate) => candidate === row.state);
  if (state === undefined)
    throw new CommunityError("internal", `unknown state \`${row.state}\` of an opening`);
  return state;
}

/** The statement as it was checked when it came in. */
export function statementOf(row: Pick<OpeningRow, "statement">): OpeningStatement {
  const parsed = parseOpeningStatement(JSON.parse(row.statement));
  if (!parsed.parsed) throw new CommunityError("internal", "a stored request does not keep the scope rules");
  return parsed.statement;
}

export function standingOf(row: OpeningCustodianRow): CustodianStanding {
  return {
    index: row.custodian,
    body: row.body,
    onCall: row.on_call,
    answeredCount: row.answered_count,
    rejectedCount: row.rejected_count,
    ...optional(
      "refused",
      CUSTODIAN_REFUSALS.find((reason) => reason === row.refused),
    ),
    ...optional("remindedAt", row.reminded_at),
    ...optional("lateAt", row.late_at),
    ...(row.asked_again_at === null ? {} : { askedAgain: true }),
  };
}

/** Size of the published tree; a leaf below it can be proven to anybody. */
export async function publishedSize(log: PublishedLog): Promise<number> {
  return (await log.published())?.signed.checkpoint.size ?? 0;
}

/** What all views of a request have in common. */
export interface OpeningFacts {
  readonly row: OpeningRow;
  readonly logged: boolean;
  readonly entryCount: number;
  readonly custodians: readonly OpeningCustodianRow[];
}

export async function factsOf(
  db: Reader,
  log: PublishedLog,
  rows: readonly OpeningRow[],
): Promise<readonly OpeningFacts[]> {
  const ids = rows.map(({ id }) => id);
  const counts = await countEntries(db, ids);
  const custodians = await selectCustodians(db, ids);
  const size = await publishedSize(log);
  return Promise.all(
    rows.map(async (row) => ({
      row,
      logged: ((await log.indexOf(row.leaf_id)) ?? Number.POSITIVE_INFINITY) < size,
      entryCount: counts.get(row.id) ?? row.forgotten_count,
      custodians: custodians.filter(({ opening_id }) => opening_id === row.id),
    })),
  );
}

export function commonView({ row, logged, entryCount }: OpeningFacts) {
  return {
    id: row.id,
    state: stateOf(row),
    path: OPENING_PATHS.find((path) => path === row.path) ?? "ordinary",
    requestedAt: row.requested_at,
    deadline: row.deadline,
    sealUntil: row.seal_until,
    logged,
    entryCount,
    ...optional("holdUntil", row.hold_until),
    ...optional("heldBy", row.held_by),
  };
}

/** A request as the desk and the auditor see it. */
export function viewOf(facts: OpeningFacts, now: number): Opening {
  const { row } = facts;
  const { authority, documentNumber, accessPointIds, from, until, purpose } = statementOf(row);
  const handedOver = row.handed_over_at !== null;
  return {
    ...commonView(facts),
    authority,
    ...optional("documentNumber", documentNumber),
    accessPointIds: [...accessPointIds],
    from,
    until,
    purpose,
    ...optional("endedAt", row.ended_at),
    ...optional("openedCount", row.opened_count),
    custodians: facts.custodians.map(standingOf),
    package: handedOver ? "handed-over" : row.result === null ? "none" : "ready",
    ...optional("disclosedAt", row.disclosed_at),
    ...optional("holdEndedAt", row.hold_ended_at),
    ...optional("review", row.review_due_at === null ? undefined : reviewOf(row, row.review_due_at, now)),
  };
}

function reviewOf(row: OpeningRow, dueAt: number, now: number): NonNullable<Opening["review"]> {
  const outcomes = ["justified", "not-justified"] as const;
  return {
    dueAt,
    overdue: row.reviewed_at === null && now > dueAt,
    ...optional("doneAt", row.reviewed_at),
    ...optional(
      "outcome",
      outcomes.find((outcome) => outcome === row.review_outcome),
    ),
  };
}
