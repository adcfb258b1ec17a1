import { randomUUID } from "node:crypto";
import type {
  BodyOf,
  Person,
  PersonCreate,
  personEndpoints,
  QueryOf,
  Residency,
  ResidencyCreate,
  residencyEndpoints,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Trx } from "../../database/database.ts";
import { demandFresh, demandPresent, found, lockRecord, setRemoved } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { PersonKeys } from "../../keys/person-keys.ts";
import { blockForMoveOut, restateCredentialsOf } from "../credentials/index.ts";
import { parseDisplayName } from "./display-name.ts";
import {
  dwellingExists,
  insertPerson,
  insertResidency,
  type ResidencyFields,
  selectPeople,
  selectPerson,
  selectResidencies,
  selectResidency,
  updatePerson,
  updateResidency,
} from "./people.store.ts";
import { demandSettledEnd, removeWithin } from "./person-removal.ts";

export interface PeopleDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly personKeys: PersonKeys;
}

type PersonUpdate = BodyOf<typeof personEndpoints.update>;
type ResidencyUpdate = BodyOf<typeof residencyEndpoints.update>;

/** Fields of a person whose values the record of changes does not keep. */
const PERSONAL = ["displayName"];

export type PeopleService = ReturnType<typeof makePeopleService>;

/** People who live or work here, and where and as what they do. */
export function makePeopleService({ db, clock, change, personKeys }: PeopleDependencies) {
  async function lockedPerson(trx: Trx, id: string): Promise<Person> {
    await lockRecord(trx, "person", id);
    return found(await selectPerson(trx, id, clock.now()), "person");
  }

  async function lockedResidency(trx: Trx, id: string): Promise<Residency> {
    await lockRecord(trx, "residency", id);
    return found(await selectResidency(trx, id, clock.now()), "residency");
  }

  async function addResidency(
    scope: ChangeScope,
    personId: string,
    fields: ResidencyFields,
  ): Promise<string> {
    await checkResidency(scope.trx, fields);
    const id = randomUUID();
    await insertResidency(scope.trx, { id, personId, ...fields });
    await scope.touch("persons");
    await scope.record({
      action: "residency.created",
      entity: "residency",
      entityId: id,
      after: { personId, ...fields },
    });
    return id;
  }

  return {
    async listPeople(actor: Actor, query: QueryOf<typeof personEndpoints.list>) {
      authorise(actor, "homes.read");
      return selectPeople(db, query, clock.now());
    },

    async readPerson(actor: Actor, id: string): Promise<Person> {
      authorise(actor, "homes.read");
      return found(await selectPerson(db, id, clock.now()), "person");
    },

    /** With a residency: moves in within the same change. */
    async createPerson(author: StaffAuthor, input: PersonCreate): Promise<Person> {
      authorise(author.actor, "homes.write");
      const displayName = parseDisplayName(input.displayName);
      return change(author, async (scope) => {
        const id = randomUUID();
        await insertPerson(scope.trx, { id, displayName: personKeys.sealText(id, displayName) });
        await scope.touch("persons");
        await scope.record({
          action: "person.created",
          entity: "person",
          entityId: id,
          after: { displayName },
          personal: PERSONAL,
        });
        if (input.residency !== undefined) await addResidency(scope, id, input.residency);
        return found(await selectPerson(scope.trx, id, scope.at), "person");
      });
    },

    async updatePerson(author: StaffAuthor, id: string, input: PersonUpdate): Promise<Person> {
      authorise(author.actor, "homes.write");
      const displayName = parseDisplayName(input.displayName);
      return change(author, async ({ trx, at, record }) => {
        const before = await lockedPerson(trx, id);
        demandPresent(before, "person");
        demandFresh(before, input.revision);
        await updatePerson(trx, id, personKeys.sealText(id, displayName));
        await record({
          action: "person.changed",
          entity: "person",
          entityId: id,
          before: { displayName: before.displayName },
          after: { displayName },
          personal: PERSONAL,
        });
        return found(await selectPerson(trx, id, at), "person");
      });
    },

    /**
     * Their credentials are refused from now on; restoring undoes both. Their own account ends for good: nothing more is
     * wrapped to its key. Throws `conflict` for somebody who lives here and was not asked, see `demandSettledEnd`.
     */
    async removePerson(author: StaffAuthor, id: string): Promise<Person> {
      authorise(author.actor, "homes.write");
      return change(author, async (scope) => {
        const { trx, at } = scope;
        const before = await lockedPerson(trx, id);
        if (before.removedAt !== undefined) return before;
        for (const residency of before.residencies) {
          await demandSettledEnd(trx, residency, author.reason, at);
        }
        await removeWithin(scope, id);
        return found(await selectPerson(trx, id, at), "person");
      });
    },

    async restorePerson(author: StaffAuthor, id: string): Promise<Person> {
      authorise(author.actor, "homes.write");
      return change(author, async (scope) => {
        const { trx, at } = scope;
        const before = await lockedPerson(trx, id);
        if (before.removedAt === undefined) return before;
        await setRemoved(trx, "person", id, undefined);
        await scope.touch("persons");
        await restateCredentialsOf(scope, id);
        await scope.record({ action: "person.restored", entity: "person", entityId: id, after: {} });
        return found(await selectPerson(trx, id, at), "person");
      });
    },

    async listResidencies(actor: Actor, query: QueryOf<typeof residencyEndpoints.list>) {
      authorise(actor, "homes.read");
      return selectResidencies(db, query, clock.now());
    },

    async readResidency(actor: Actor, id: string): Promise<Residency> {
      authorise(actor, "homes.read");
      return found(await selectResidency(db, id, clock.now()), "residency");
    },

    async createResidency(author: StaffAuthor, input: ResidencyCreate): Promise<Residency> {
      authorise(author.actor, "homes.write");
      return change(author, async (scope) => {
        demandPresent(await lockedPerson(scope.trx, input.personId), "person");
        const { personId, ...fields } = input;
        const id = await addResidency(scope, personId, fields);
        return found(await selectResidency(scope.trx, id, scope.at), "residency");
      });
    },

    async updateResidency(author: StaffAuthor, id: string, input: ResidencyUpdate): Promise<Residency> {
      authorise(author.actor, "homes.write");
      return change(author, async ({ trx, at, touch, record }) => {
        const before = await lockedResidency(trx, id);
        demandPresent(before, "residency");
        demandFresh(before, input.revision);
        const { revision: _, ...fields } = input;
        await checkResidency(trx, fields);
        if (isLess(fields, before)) await demandSettledEnd(trx, before, author.reason, at);
        await updateResidency(trx, id, fields);
        await touch("persons");
        await record({
          action: "residency.changed",
          entity: "residency",
          entityId: id,
          before: fieldsOf(before),
          after: { ...fields },
        });
        return found(await selectResidency(trx, id, at), "residency");
      });
    },

    /**
     * Ends a residency. If that is now (or was), the person's credentials of that dwelling are blocked in the same
     * change; those of a residency that ends later stop by its dates. Throws `conflict` unless whoever lives there was
     * asked, see `demandSettledEnd`.
     */
    async moveOut(author: StaffAuthor, id: string, until: number | undefined) {
      authorise(author.actor, "homes.write");
      return change(author, async (scope) => {
        const { trx, at } = scope;
        const before = await lockedResidency(trx, id);
        demandPresent(before, "residency");
        const end = until ?? at;
        if (before.from !== undefined && end <= before.from) {
          throw refusal("conflict", "this residency begins later than that: remove it instead");
        }
        await demandSettledEnd(trx, before, author.reason, at);
        await updateResidency(trx, id, { ...fieldsOf(before), until: end });
        await scope.touch("persons");
        await scope.record({
          action: "residency.ended",
          entity: "residency",
          entityId: id,
          before: { until: before.until },
          after: { until: end },
        });
        const blockedCredentialIds =
          end <= at ? await blockForMoveOut(scope, before.personId, before.dwellingId) : [];
        return { residency: found(await selectResidency(trx, id, at), "residency"), blockedCredentialIds };
      });
    },

    async removeResidency(author: StaffAuthor, id: string): Promise<Residency> {
      authorise(author.actor, "homes.write");
      return change(author, async ({ trx, at, touch, record }) => {
        const before = await lockedResidency(trx, id);
        if (before.removedAt !== undefined) return before;
        await demandSettledEnd(trx, before, author.reason, at);
        await setRemoved(trx, "residency", id, at);
        await touch("persons");
        await record({
          action: "residency.removed",
          entity: "residency",
          entityId: id,
          before: fieldsOf(before),
        });
        return found(await selectResidency(trx, id, at), "residency");
      });
    },

    async restoreResidency(author: StaffAuthor, id: string): Promise<Residency> {
      authorise(author.actor, "homes.write");
      return change(author, async ({ trx, at, touch, record }) => {
        const before = await lockedResidency(trx, id);
        if (before.removedAt === undefined) return before;
        await checkResidency(trx, fieldsOf(before));
        await setRemoved(trx, "residency", id, undefined);
        await touch("persons");
        await record({
          action: "residency.restored",
          entity: "residency",
          entityId: id,
          after: fieldsOf(before),
        });
        return found(await selectResidency(trx, id, at), "residency");
      });
    },
  };
}

function fieldsOf(residency: Residency) {
  const { role, dwellingId, from, until } = residency;
  return { role, dwellingId, from, until };
}

/** Whether a change takes some of what a residency gives. */
function isLess(after: ResidencyFields, before: Residency): boolean {
  const never = Number.POSITIVE_INFINITY;
  return (
    after.dwellingId !== before.dwellingId ||
    (after.until ?? never) < (before.until ?? never) ||
    (after.from ?? -never) > (before.from ?? -never)
  );
}

async function checkResidency(trx: Trx, fields: ResidencyFields): Promise<void> {
  if ((fields.role === "staff") !== (fields.dwellingId === undefined)) {
    throw refusal("invalid-request", "staff have no dwelling, everybody else has one", {
      fields: [{ path: "body/dwellingId", message: "expected for every role but staff" }],
    });
  }
  if (fields.from !== undefined && fields.until !== undefined && fields.from >= fields.until) {
    throw refusal("invalid-request", "a residency ends after it begins", {
      fields: [{ path: "body/until", message: "expected later than `from`" }],
    });
  }
  if (fields.dwellingId !== undefined && !(await dwellingExists(trx, fields.dwellingId))) {
    throw refusal("not-found", "no such dwelling");
  }
}
