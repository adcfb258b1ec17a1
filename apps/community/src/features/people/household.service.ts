import { randomUUID } from "node:crypto";
import type { BodyOf, Household, householdEndpoints, ResidentInvitation } from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, lockRecord } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { PersonKeys } from "../../keys/person-keys.ts";
import { makeRateLimit } from "../identity/index.ts";
import { type AccountsService, selectAccountState } from "../resident/index.ts";
import { parseDisplayName } from "./display-name.ts";
import {
  insertPerson,
  insertResidency,
  selectPerson,
  selectResidencies,
  updatePerson,
} from "./people.store.ts";

const ASKED_ONESELF = { actor: undefined, reason: { code: "resident-request" } } as const;
/** More than live in a home; a home that has more asks the desk. */
const MOST_MEMBERS = 12;

export type HouseholdService = ReturnType<typeof makeHouseholdService>;

/** Those who live together: all of them equal, each may let somebody in, nobody may put somebody out. */
export function makeHouseholdService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly personKeys: PersonKeys;
  readonly inviteWithin: AccountsService["inviteWithin"];
}) {
  const { db, clock, change, personKeys, inviteWithin } = dependencies;
  const perResident = makeRateLimit(clock, 5, 3_600_000);

  async function of(reader: Reader, personId: string): Promise<readonly Household[]> {
    const at = clock.now();
    const { items: own } = await selectResidencies(reader, { personId, state: "current" }, at);
    const homes = new Map(
      own.flatMap(({ dwellingId, buildingName, dwellingName }) =>
        dwellingId === undefined ? [] : [[dwellingId, `${buildingName} ${dwellingName}`]],
      ),
    );
    const households: Household[] = [];
    for (const [dwellingId, home] of homes) {
      const { items } = await selectResidencies(reader, { dwellingId, state: "current", limit: 200 }, at);
      const members: Household["members"] = [];
      for (const one of items) {
        const account = await selectAccountState(reader, one.personId, at);
        members.push({
          name: one.personName,
          role: one.role,
          isSelf: one.personId === personId,
          hasJoined: account.registeredAt !== undefined,
          ...(one.until === undefined ? {} : { until: one.until }),
        });
      }
      households.push({ dwellingId, home, members });
    }
    return households;
  }

  return {
    list: ({ personId }: SignedInResident) => of(db, personId),

    /** Throws `invalid-request` for what is a number of a person. */
    async rename({ personId }: SignedInResident, text: string): Promise<void> {
      const displayName = parseDisplayName(text);
      await change(ASKED_ONESELF, async ({ trx, at, record }) => {
        await lockRecord(trx, "person", personId);
        const before = found(await selectPerson(trx, personId, at), "person");
        await updatePerson(trx, personId, personKeys.sealText(personId, displayName));
        await record({
          action: "person.changed",
          entity: "person",
          entityId: personId,
          before: { displayName: before.displayName },
          after: { displayName },
          personal: ["displayName"],
        });
      });
    },

    /** Throws `not-found` for a home that is not one's own, `conflict` for a full one, `rate-limited`. */
    async invite(
      { personId }: SignedInResident,
      dwellingId: string,
      input: BodyOf<typeof householdEndpoints.invite>,
    ): Promise<ResidentInvitation> {
      const displayName = parseDisplayName(input.displayName);
      return change(ASKED_ONESELF, async (scope) => {
        const { trx } = scope;
        await lockRecord(trx, "dwelling", dwellingId);
        const households = await of(trx, personId);
        const home = found(
          households.find((one) => one.dwellingId === dwellingId),
          "home of yours",
        );
        perResident.take(personId);
        if (home.members.length >= MOST_MEMBERS) {
          throw refusal("conflict", `more than ${MOST_MEMBERS} people in one home are entered at the desk`);
        }
        const [id, residencyId] = [randomUUID(), randomUUID()];
        await insertPerson(trx, { id, displayName: personKeys.sealText(id, displayName) });
        await insertResidency(trx, { id: residencyId, personId: id, role: input.role, dwellingId });
        await scope.touch("persons");
        const after = { personId: id, role: input.role, dwellingId };
        await scope.record({
          action: "person.created",
          entity: "person",
          entityId: id,
          after: { displayName },
          personal: ["displayName"],
        });
        await scope.record({
          action: "residency.created",
          entity: "residency",
          entityId: residencyId,
          after: { ...after, invitedBy: personId },
        });
        return inviteWithin(scope, id);
      });
    },
  };
}
