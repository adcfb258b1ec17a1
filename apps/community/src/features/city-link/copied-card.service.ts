import { randomUUID } from "node:crypto";
import { fromHex } from "@menshen/crypto/node";
import { batchPrefixOf, weekOf } from "@menshen/service-kit/city-link";
import { CITY_CHIPS, type CopiedCard, type CopiedCardInput } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { CommunityError, refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { isConnectedTo } from "./connection.store.ts";
import type { Exchange } from "./exchange.ts";
import { atCity, insertReport, type ReportRow, selectCaseReport } from "./reports.store.ts";
import { caseNumberContext } from "./sealing.ts";

const NUMBER_KEPT_MS = 7 * 86_400_000;

/**
 * The card of a case that was closed as somebody else's copy, as whoever has it in the hand describes it. Of its number
 * nothing stays that leads from the case to a card: its batch, and what only the city can make of it.
 */
export function makeCopiedCardService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly exchange: Exchange;
}) {
  const { db, change, storageKey, exchange } = dependencies;

  async function view(reader: Reader, caseId: string): Promise<{ card?: CopiedCard }> {
    const row = await selectCaseReport(reader, caseId);
    if (row === undefined || row.state === "withdrawing") return {};
    return { card: cardOf(row, await isConnectedTo(reader)) };
  }

  return {
    async read(actor: Actor, caseId: string): Promise<{ card?: CopiedCard }> {
      authorise(actor, "cases.read");
      return view(db, caseId);
    },

    /** Throws `conflict` unless the case was closed as a copy, `invalid-request` for nothing to compare. */
    async write(author: StaffAuthor, caseId: string, input: CopiedCardInput): Promise<{ card?: CopiedCard }> {
      authorise(author.actor, "cases.handle");
      if (input.number === undefined && input.issuer === undefined) {
        throw refusal("invalid-request", "a number or an issuer is needed: nothing else can be compared");
      }
      const written = await change(author, async ({ trx, at, record }) => {
        const closed = found(
          await trx
            .selectFrom("detection_case")
            .select(["finding", "closed_at"])
            .where("id", "=", caseId)
            .forUpdate()
            .executeTakeFirst(),
          "case",
        );
        if (closed.finding !== "copy" || closed.closed_at === null) {
          throw refusal(
            "conflict",
            "only a case that was closed as somebody else's copy is told to the city",
          );
        }
        const before = await selectCaseReport(trx, caseId);
        const id = before?.id ?? randomUUID();
        if (before !== undefined) await trx.deleteFrom("city_report").where("id", "=", id).execute();
        const number = input.number === undefined ? undefined : fromHex(input.number);
        // Without a city nobody could compare the whole number: then it is not kept either.
        const isAsked = number !== undefined && (await isConnectedTo(trx));
        await insertReport(trx, {
          id,
          caseId,
          week: weekOf(closed.closed_at),
          chip: input.chip,
          issuer: input.issuer,
          keyVersion: input.keyVersion,
          ...(number === undefined ? {} : { batchPrefix: batchPrefixOf(number) }),
          ...(isAsked
            ? {
                sealedNumber: storageKey.seal(number, caseNumberContext(id)),
                numberUntil: at + NUMBER_KEPT_MS,
              }
            : {}),
        });
        await record({ action: "case.card-noted", entity: "case", entityId: caseId });
        return view(trx, caseId);
      });
      exchange.nudge();
      return written;
    },

    async remove(author: StaffAuthor, caseId: string): Promise<{ card?: CopiedCard }> {
      authorise(author.actor, "cases.handle");
      await change(author, async ({ trx, record }) => {
        found(await selectCaseReport(trx, caseId), "card of this case");
        await trx
          .updateTable("city_report")
          .set({ state: "withdrawing", sealed_number: null, number_until: null })
          .where("case_id", "=", caseId)
          .execute();
        await record({ action: "case.card-taken-back", entity: "case", entityId: caseId });
      });
      exchange.nudge();
      return view(db, caseId);
    },
  };
}

function cardOf(row: ReportRow, isConnected: boolean): CopiedCard {
  const chip = CITY_CHIPS.find((one) => one === row.chip);
  if (chip === undefined) throw new CommunityError("internal", "a stored report is of an unknown chip");
  return {
    chip,
    ...optional("batchPrefix", row.batch_prefix),
    ...optional("issuer", row.issuer),
    ...optional("keyVersion", row.key_version),
    hasNumber: row.number_tag !== null || row.sealed_number !== null,
    week: row.week,
    ...atCity(row, isConnected),
  };
}
