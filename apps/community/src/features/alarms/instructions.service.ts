import { ALARM_INSTRUCTIONS, ALARM_KINDS, type AlarmKind, DANGER_RANKS } from "@menshen/domain";
import type { AlarmInstructionItem, alarmEndpoints, BodyOf } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Reader } from "../../database/database.ts";
import { demandFresh } from "../../database/records.ts";

export type InstructionsService = ReturnType<typeof makeInstructionsService>;

/** What guards are to do: the community's own words, or the default. */
export function makeInstructionsService({
  db,
  change,
}: {
  readonly db: Database;
  readonly change: ChangeRunner;
}) {
  return {
    /** For those who may see an alarm of this kind. */
    of: (kind: AlarmKind) => readInstruction(db, kind),

    async list(actor: Actor): Promise<{ items: AlarmInstructionItem[] }> {
      authorise(actor, "alarms.read");
      const items = await Promise.all(ALARM_KINDS.map((kind) => readInstruction(db, kind)));
      return { items: items.toSorted((a, b) => a.rank - b.rank) };
    },

    /** Throws `stale-revision`. */
    async set(
      author: StaffAuthor,
      kind: AlarmKind,
      input: BodyOf<typeof alarmEndpoints.setInstruction>,
    ): Promise<AlarmInstructionItem> {
      authorise(author.actor, "alarms.settings");
      return change(author, async ({ trx, record }) => {
        // The first one has no row to lock yet: the insertion of a second waits for it and finds it.
        await trx
          .insertInto("alarm_instruction")
          .values({ kind, zh: null, en: null, revision: 1 })
          .onConflict((conflict) => conflict.column("kind").doNothing())
          .execute();
        await trx
          .selectFrom("alarm_instruction")
          .select("kind")
          .where("kind", "=", kind)
          .forUpdate()
          .execute();
        const before = await readInstruction(trx, kind);
        demandFresh(before, input.revision);
        const { zh = null, en = null } = input.text ?? {};
        await trx
          .updateTable("alarm_instruction")
          .set((eb) => ({ zh, en, revision: eb("revision", "+", 1) }))
          .where("kind", "=", kind)
          .execute();
        const after = await readInstruction(trx, kind);
        await record({
          action: "alarm-instruction.changed",
          entity: "alarm-instruction",
          entityId: kind,
          before: { ...before.text },
          after: { ...after.text },
        });
        return after;
      });
    },
  };
}

async function readInstruction(db: Reader, kind: AlarmKind): Promise<AlarmInstructionItem> {
  const row = await db
    .selectFrom("alarm_instruction")
    .select(["zh", "en", "revision"])
    .where("kind", "=", kind)
    .executeTakeFirst();
  const own =
    row !== undefined && row.zh !== null && row.en !== null ? { zh: row.zh, en: row.en } : undefined;
  return {
    kind,
    rank: DANGER_RANKS[kind],
    text: own ?? { ...ALARM_INSTRUCTIONS[kind] },
    isDefault: own === undefined,
    revision: row?.revision ?? 1,
  };
}
