import type { ChangeReason, Residency } from "@menshen/wire";
import type { ChangeScope } from "../../change-record/change-scope.ts";
import type { Trx } from "../../database/database.ts";
import { setRemoved } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { restateCredentialsOf } from "../credentials/index.ts";
import { endResidentAccount, selectAccountState } from "../resident/index.ts";
import { SETTLED_STATES, selectOpenEnd } from "./residency-ends.store.ts";

/** Removes a person within a change: their credentials are refused and their own account ends. */
export async function removeWithin(scope: ChangeScope, id: string): Promise<void> {
  await setRemoved(scope.trx, "person", id, scope.at);
  await scope.touch("persons");
  await endResidentAccount(scope, id);
  await restateCredentialsOf(scope, id);
  await scope.record({ action: "person.removed", entity: "person", entityId: id, before: {} });
}

/**
 * INVARIANT: nobody who lives here is put out by others alone. Throws `resident-not-asked` unless the residency is none of a
 * resident's or does not hold now, its end was asked and settled, or the resident asked for it themselves: in their app
 * if they have an account, at the desk (`resident-request`) otherwise. Somebody without account and credentials may be a
 * slip of the desk (`correction`).
 */
export async function demandSettledEnd(
  trx: Trx,
  residency: Residency,
  reason: ChangeReason,
  at: number,
): Promise<void> {
  if (residency.role === "staff" || residency.state !== "current") return;
  const end = await selectOpenEnd(trx, residency.id);
  if (end !== undefined && SETTLED_STATES.some((state) => state === end.state)) return;
  const { registeredAt } = await selectAccountState(trx, residency.personId, at);
  if (registeredAt === undefined) {
    if (reason.code === "resident-request") return;
    if (reason.code === "correction" && !(await holdsCredentials(trx, residency.personId))) return;
  }
  throw refusal(
    "resident-not-asked",
    registeredAt === undefined
      ? "who lives here is asked first: ask them, or say that they asked for it themselves"
      : "who lives here is asked first: ask them, and they answer in their own app",
  );
}

async function holdsCredentials(trx: Trx, personId: string): Promise<boolean> {
  const row = await trx
    .selectFrom("credential")
    .select("id")
    .where("person_id", "=", personId)
    .where("state", "=", "active")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
