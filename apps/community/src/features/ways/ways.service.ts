import { wayInOf } from "@menshen/domain";
import { type BodyOf, type OwnWay, type residentWaysEndpoints, wayTexts } from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found, lockRecord } from "../../database/records.ts";
import { CommunityError, refusal } from "../../errors.ts";
import { type Enroller, hasResidency, takeStep, updateState } from "../credentials/index.ts";
import { makeRateLimit } from "../identity/index.ts";
import { demandSignature, demandSignatureOnce, type ResidentSessionsService } from "../resident/index.ts";
import { selectOnlyHome, selectWays } from "./ways.store.ts";

const ASKED = { actor: undefined, reason: { code: "resident-request" } } as const;

export type WaysService = ReturnType<typeof makeWaysService>;

/** How residents get in, and what they do about it without the desk: losing a card, drawing another PIN. */
export function makeWaysService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly enroller: Enroller;
  readonly sessions: Pick<ResidentSessionsService, "takeChallenge">;
  readonly communityId: string;
  /** Whether the community offers PINs to its residents. */
  readonly offersPin: () => Promise<boolean>;
}) {
  const { db, clock, change, enroller, sessions, communityId, offersPin } = dependencies;
  // Each draw costs slow hashes, here and at every gate.
  const perResident = makeRateLimit(clock, 5, 10 * 60_000);

  return {
    async list({ personId }: SignedInResident) {
      const ways = await selectWays(db, personId);
      const items: OwnWay[] = ways.map(({ dwellingId: _, ...way }) => ({
        ...way,
        mayLose: wayInOf(way.kind) === "card" && (way.state === "active" || way.state === "blocked"),
      }));
      return { items, offersPin: await offersPin() };
    },

    /**
     * From now on the card opens nothing; the desk finds it again, with the card before its eyes. Throws `not-found` for what
     * is not one's own, `key-refused` unless one's own key signed, `conflict` for what is no card.
     */
    async lose(resident: SignedInResident, id: string, signature: string): Promise<void> {
      const { personId } = resident;
      await change(ASKED, async (scope) => {
        const { trx, at } = scope;
        await lockRecord(trx, "person", personId);
        const way = found(
          (await selectWays(trx, personId)).find((one) => one.id === id),
          "credential",
        );
        await demandSignature(trx, personId, wayTexts.lose(communityId, id), signature);
        if (wayInOf(way.kind) !== "card") throw refusal("conflict", "only a card is lost this way");
        if (way.state === "lost") return;
        const { to, action } = takeStep(way.state, "lose");
        await updateState(trx, id, to, at, await scope.touch("credentials"));
        await scope.record({
          action: `credential.${action}`,
          entity: "credential",
          entityId: id,
          before: { state: way.state },
          after: { state: to },
        });
      });
    },

    /**
     * Another PIN in the place of every one before. Throws `key-refused` unless one's own key signed for a challenge that was
     * not used yet, `conflict` where no PINs are offered, `rate-limited` for who draws all day.
     */
    async drawPin(resident: SignedInResident, input: BodyOf<typeof residentWaysEndpoints.drawPin>) {
      const { personId } = resident;
      perResident.take(personId);
      if (!(await offersPin())) throw refusal("conflict", "no PINs are offered here");
      return change(ASKED, async (scope) => {
        const { trx, at } = scope;
        await lockRecord(trx, "person", personId);
        const text = wayTexts.drawPin(communityId, input.challenge);
        await demandSignatureOnce(trx, sessions, personId, text, input);
        if (!(await hasResidency(trx, personId, at))) {
          throw refusal("forbidden", "only those who live or work here have a way in");
        }
        const before = (await selectWays(trx, personId)).filter(({ kind }) => kind === "pin");
        for (const { id, state } of before) {
          const { to, action } = takeStep(state, "replace");
          await updateState(trx, id, to, at, await scope.touch("credentials"));
          await scope.record({
            action: `credential.${action}`,
            entity: "credential",
            entityId: id,
            before: { state },
            after: { state: to },
          });
        }
        const dwellingId = await selectOnlyHome(trx, personId, at);
        const { pin, duressPin } = await enroller.enrol(
          scope,
          { kind: "pin" },
          { personId, dwellingId },
          before[0]?.id,
        );
        if (pin === undefined || duressPin === undefined) {
          throw new CommunityError("internal", "expected the digits of a PIN");
        }
        return { pin, duressPin };
      });
    },
  };
}
