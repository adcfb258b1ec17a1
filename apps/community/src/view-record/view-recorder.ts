import { randomUUID } from "node:crypto";
import { Duration } from "@menshen/domain";
import type { Viewed, ViewReason } from "@menshen/wire";
import type { Actor } from "../authority/authorise.ts";
import { dutyOf } from "../authority/roles.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import type { LeafRecorder } from "../evidence-record/index.ts";
import { insertViews, selectUnseen } from "./views.store.ts";

/** Looking again at the same person for the same reason within this time is the same look. */
const ONE_LOOK = Duration.hours(1);

/** A look at a person's card includes one at their record, and so on upwards; a shallower look adds nothing to a deeper one. */
const COVERED_BY: Readonly<Record<Viewed, readonly Viewed[]>> = {
  search: ["search", "list", "ways-in", "record", "credentials"],
  list: ["list", "record", "credentials"],
  "ways-in": ["ways-in", "record", "credentials"],
  record: ["record", "credentials"],
  credentials: ["credentials"],
  // Another entry is another look.
  passage: [],
};

/** Who looked at residents' data and why. */
export interface View {
  readonly actor: Actor;
  readonly reason: ViewReason;
  readonly what: Viewed;
  /** Everybody shown; one named twice counts once. */
  readonly personIds: readonly string[];
}

/**
 * Records looks, each with its leaf of the evidence log in the same transaction. Resolves when they are stored: only then
 * may what was looked at go out.
 */
export type ViewRecorder = (view: View) => Promise<void>;

export function makeViewRecorder(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly leaves: LeafRecorder;
}): ViewRecorder {
  const { db, clock, leaves } = dependencies;
  return async ({ actor, reason, what, personIds }) => {
    if (personIds.length === 0) return;
    const role = actor.roles.find((candidate) => dutyOf(candidate) === actor.duty) ?? actor.roles[0];
    if (role === undefined) throw new RangeError("an actor has a role");
    await db.transaction().execute(async (trx) => {
      const at = clock.now();
      const unseen = await selectUnseen(trx, {
        staffId: actor.staffId,
        personIds: [...new Set(personIds)],
        reason,
        covering: COVERED_BY[what],
        since: at - ONE_LOOK,
      });
      if (unseen.length === 0) return;
      const text = reason.text === undefined ? {} : { text: reason.text };
      const said = { body: actor.body, role, staffId: actor.staffId, purpose: reason.code, ...text, what };
      const leafIds = await leaves.recordAll(
        trx,
        unseen.map((personId) => ({
          at,
          topic: "personal-data-viewed",
          subject: { kind: "person", id: personId },
          statement: { ...said, personId },
        })),
      );
      await insertViews(
        trx,
        unseen.map((personId, index) => ({
          id: randomUUID(),
          at,
          staffId: actor.staffId,
          body: actor.body,
          role,
          personId,
          reason,
          what,
          leafId: leafIds[index] ?? "",
        })),
      );
    });
  };
}
