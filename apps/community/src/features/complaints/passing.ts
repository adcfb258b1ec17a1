import type { StaffBody } from "@menshen/wire";
import { rolesWith } from "../../authority/roles.ts";
import type { ChangeScope } from "../../change-record/change-scope.ts";
import type { Reader } from "../../database/database.ts";
import {
  insertStep,
  type NewStep,
  type StoredComplaint,
  selectStaff,
  updateBody,
  updateLate,
  updateReminders,
} from "./complaints.store.ts";
import { answerClock, nextBody } from "./deadlines.ts";

/** Bodies in which somebody may answer a complaint that is not about them. */
export async function ableBodies(
  trx: Reader,
  aboutStaffId: string | undefined,
): Promise<ReadonlySet<StaffBody>> {
  const handling = rolesWith("complaints.handle");
  const staff = await selectStaff(trx);
  return new Set(
    staff
      .filter(
        ({ id, roles }) => id !== aboutStaffId && roles.some((role) => handling.some((one) => one === role)),
      )
      .map(({ body }) => body),
  );
}

/** The body that would get a complaint next. */
export async function bodyAbove(
  trx: Reader,
  { body, aboutBody, aboutStaffId }: Pick<StoredComplaint, "body" | "aboutBody" | "aboutStaffId">,
): Promise<StaffBody | undefined> {
  return nextBody(body, aboutBody, await ableBodies(trx, aboutStaffId));
}

/**
 * Gives a complaint to another body. It has ten days of its own, unless whoever had it handed it on: that moves no deadline.
 */
export async function passOn(
  { trx, at, leaf, record }: Pick<ChangeScope, "trx" | "at" | "leaf" | "record">,
  timeZone: string,
  complaint: StoredComplaint,
  to: StaffBody,
  step: Pick<NewStep, "text" | "staffId"> & { readonly cause: NonNullable<NewStep["cause"]> },
): Promise<void> {
  const { id, body } = complaint;
  const clock = step.cause === "handler" ? undefined : answerClock(timeZone, at);
  const answerBy = clock?.answerBy ?? complaint.answerBy;
  await updateBody(trx, id, to, clock);
  await insertStep(trx, id, { at, kind: "passed-on", body, to, ...step });
  await leaf({
    topic: "complaint-passed-on",
    subject: { kind: "community" },
    statement: { complaintId: id, from: body, to, cause: step.cause, answerBy },
    public: true,
  });
  await record({
    action: "complaint.passed-on",
    entity: "complaint",
    entityId: id,
    after: { from: body, to, cause: step.cause },
  });
}

/**
 * Does what a complaint's clock wants by now: reminds, and at the deadline gives it to the next body; the last one is late,
 * in public. Also done before anybody answers, so that a server that slept gives no time.
 *
 * @returns whether the body that had it lost it
 */
export async function catchUpClock(
  scope: Pick<ChangeScope, "trx" | "at" | "leaf" | "record">,
  timeZone: string,
  complaint: StoredComplaint,
): Promise<boolean> {
  const { trx, at, leaf } = scope;
  const { id, body, reminders, remindFirstAt, remindAgainAt, answerBy } = complaint;
  if (complaint.state !== "open") return false;
  const due = at >= remindAgainAt ? 2 : at >= remindFirstAt ? 1 : 0;
  if (due > reminders) {
    await updateReminders(trx, id, due);
    // What goes to the next body in this moment reminds nobody.
    if (at < answerBy) await insertStep(trx, id, { at, kind: "reminded", body });
  }
  if (at < answerBy || complaint.late) return false;
  const to = await bodyAbove(trx, complaint);
  if (to !== undefined) {
    await passOn(scope, timeZone, complaint, to, { cause: "unanswered" });
    return true;
  }
  await updateLate(trx, id);
  await insertStep(trx, id, { at, kind: "late", body });
  await leaf({
    topic: "complaint-late",
    subject: { kind: "community" },
    statement: { complaintId: id, body, answerBy },
    public: true,
  });
  return false;
}
