import { randomUUID } from "node:crypto";
import type { BodyOf, LockdownNews, MassUnlock, massUnlockEndpoints } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { demandAnother } from "../../authority/second-person.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import { type Database, moment, type Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { setOwnMode, settleModes } from "../doors/index.ts";
import { selectPlannedPortals } from "./plans.store.ts";

/** So long a request waits for a second person. */
const REQUEST_MS = 600_000;
const MINUTE_MS = 60_000;

export type MassUnlocksService = ReturnType<typeof makeMassUnlocksService>;

/** Many doors held open at once, which one person asks for and another agrees to. They close by themselves. */
export function makeMassUnlocksService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly announce: (frame: { readonly type: "lockdown"; readonly data: LockdownNews }) => void;
}) {
  const { db, clock, change, announce } = dependencies;

  function rows(reader: Reader) {
    return reader
      .selectFrom("mass_unlock")
      .innerJoin("staff as asker", "asker.id", "mass_unlock.requested_by")
      .leftJoin("staff as agreer", "agreer.id", "mass_unlock.agreed_by")
      .selectAll("mass_unlock")
      .select(["asker.display_name as asked_name", "agreer.display_name as agreed_name"]);
  }
  type Row = Awaited<ReturnType<ReturnType<typeof rows>["executeTakeFirstOrThrow"]>>;

  const view = (row: Row, actor: Actor): MassUnlock => ({
    id: row.id,
    portalIds: [...row.portal_ids],
    minutes: row.minutes,
    requestedBy: row.asked_name,
    own: row.requested_by === actor.staffId,
    reasonCode: row.reason_code,
    ...optional("reasonText", row.reason_text),
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    ...optional("agreedBy", row.agreed_name),
    ...optional("until", row.until),
  });

  async function read(id: string, actor: Actor): Promise<MassUnlock> {
    const row = await rows(db).where("mass_unlock.id", "=", id).executeTakeFirst();
    return view(found(row, "request"), actor);
  }

  return {
    /** Those that await somebody, and those whose doors stand open. */
    async list(actor: Actor): Promise<MassUnlock[]> {
      authorise(actor, "doors.read");
      const now = moment(clock.now());
      const listed = await rows(db)
        .where((eb) =>
          eb.or([
            eb.and([eb("mass_unlock.agreed_by", "is", null), eb("mass_unlock.expires_at", ">", now)]),
            eb("mass_unlock.until", ">", now),
          ]),
        )
        .orderBy("mass_unlock.requested_at", "desc")
        .execute();
      return listed.map((row) => view(row, actor));
    },

    async request(
      author: StaffAuthor,
      { portalIds, minutes }: BodyOf<typeof massUnlockEndpoints.request>,
    ): Promise<MassUnlock> {
      authorise(author.actor, "modes.write");
      demandReason(author.reason);
      const id = randomUUID();
      await change(author, async ({ trx, at, record }) => {
        if ((await selectPlannedPortals(trx, portalIds)).length < portalIds.length) {
          throw refusal("not-found", "no such door");
        }
        await trx
          .insertInto("mass_unlock")
          .values({
            id,
            portal_ids: portalIds,
            minutes,
            requested_by: author.actor.staffId,
            reason_code: author.reason.code,
            reason_text: author.reason.text ?? null,
            requested_at: moment(at),
            expires_at: moment(at + REQUEST_MS),
            agreed_by: null,
          })
          .execute();
        await record({
          action: "mass-unlock.asked",
          entity: "mass-unlock",
          entityId: id,
          after: { doors: portalIds.length, minutes },
        });
      });
      announce({ type: "lockdown", data: { id, what: "mass-unlock" } });
      return read(id, author.actor);
    },

    /** Throws `second-person-needed` for whoever asked, `conflict` once it is over or agreed to. */
    async agree(author: StaffAuthor, id: string): Promise<MassUnlock> {
      authorise(author.actor, "modes.write");
      demandReason(author.reason);
      await change(author, async ({ trx, at, touch, record }) => {
        const row = found(
          await trx.selectFrom("mass_unlock").selectAll().where("id", "=", id).forUpdate().executeTakeFirst(),
          "request",
        );
        if (row.agreed_by !== null || row.expires_at <= at) throw refusal("conflict", "it is over");
        demandAnother(author.actor, row.requested_by);
        const until = at + row.minutes * MINUTE_MS;
        await trx
          .updateTable("mass_unlock")
          .set({ agreed_by: author.actor.staffId, until: moment(until) })
          .where("id", "=", id)
          .execute();
        const portalIds = await selectPlannedPortals(trx, row.portal_ids);
        for (const portalId of portalIds) {
          await setOwnMode(trx, { portalId, mode: "held-open", lockdown: 0, until });
        }
        await settleModes(trx, portalIds, at);
        await touch("modes");
        await record({
          action: "mass-unlock.agreed",
          entity: "mass-unlock",
          entityId: id,
          after: { doors: portalIds.length, until },
        });
      });
      announce({ type: "lockdown", data: { id, what: "mass-unlock" } });
      return read(id, author.actor);
    },
  };
}
