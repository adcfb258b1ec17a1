import { randomUUID } from "node:crypto";
import type { BodyOf, PersonCopy, RightsKind, RightsRequest, rightsEndpoints } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeAuthor, ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { PersonKeys } from "../../keys/person-keys.ts";
import { personExists } from "../credentials/index.ts";
import { localDays } from "../trail/index.ts";
import {
  answerRequest,
  insertRequest,
  lockRequest,
  selectCopy,
  selectRequests,
  selectRequestsOf,
} from "./rights.store.ts";

const ASKED_ONESELF = { actor: undefined, reason: { code: "resident-request" } } as const;
/** Local days for an answer. */
const ANSWER_DAYS = 15;

export type RightsService = ReturnType<typeof makeRightsService>;

/** What people may ask about their data: a copy, a correction, a deletion; their next of kin a copy. */
export function makeRightsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly personKeys: PersonKeys;
  readonly timeZone: () => Promise<string>;
}) {
  const { db, clock, change, personKeys, timeZone } = dependencies;

  async function copyOf(personId: string): Promise<PersonCopy> {
    const copy = await selectCopy(db, personId);
    const requests = (await selectRequestsOf(db, personId)).map((request) => ({ ...request }));
    return { format: "menshen/person-copy/v1", madeAt: clock.now(), ...copy, requests };
  }

  async function enter(
    author: ChangeAuthor,
    personId: string,
    kind: RightsKind,
    words: string,
  ): Promise<RightsRequest> {
    const zone = await timeZone();
    return change(author, async ({ trx, at, record }) => {
      if (!(await personExists(trx, personId))) throw refusal("not-found", "no such person");
      const id = randomUUID();
      const dueAt = localDays(zone, at, ANSWER_DAYS + 1).at(-1)?.[1] ?? at;
      const sealed = personKeys.sealText(personId, words.trim());
      await insertRequest(trx, { id, personId, kind, words: sealed, askedAt: at, dueAt });
      await record({ action: "rights.asked", entity: "person", entityId: personId, after: { kind } });
      return found(await lockRequest(trx, id), "request");
    });
  }

  return {
    copy: ({ personId }: SignedInResident): Promise<PersonCopy> => copyOf(personId),

    ofResident: ({ personId }: SignedInResident) => selectRequestsOf(db, personId),

    ask: ({ personId }: SignedInResident, kind: RightsKind, words: string) =>
      enter(ASKED_ONESELF, personId, kind, words),

    async list(actor: Actor): Promise<readonly RightsRequest[]> {
      authorise(actor, "homes.read");
      return selectRequests(db);
    },

    async enter(author: StaffAuthor, personId: string, input: BodyOf<typeof rightsEndpoints.enter>) {
      authorise(author.actor, "homes.write");
      return enter(author, personId, input.kind, input.words);
    },

    /** Throws `conflict` for one that was answered. The schema demands the reason, and so does the table. */
    async answer(
      author: StaffAuthor,
      id: string,
      { outcome, reason }: BodyOf<typeof rightsEndpoints.answer>,
    ): Promise<RightsRequest> {
      const { actor } = author;
      authorise(actor, "homes.write");
      return change(author, async ({ trx, at, record }) => {
        const request = found(await lockRequest(trx, id), "request");
        if (request.state !== "open") throw refusal("conflict", "this was answered already");
        const sealed = personKeys.sealText(request.personId, reason.trim());
        await answerRequest(trx, id, { state: outcome, reason: sealed, staffId: actor.staffId, at });
        await record({
          action: "rights.answered",
          entity: "person",
          entityId: request.personId,
          after: { kind: request.kind, outcome },
        });
        return found(await lockRequest(trx, id), "request");
      });
    },

    /** Throws `conflict` unless a request of the next of kin was granted. */
    async copyForHeirs(actor: Actor, personId: string): Promise<PersonCopy> {
      authorise(actor, "homes.read");
      const requests = await selectRequestsOf(db, personId);
      if (!requests.some(({ kind, state }) => kind === "heir" && state === "done")) {
        throw refusal("conflict", "no request of the next of kin was granted");
      }
      return copyOf(personId);
    },
  };
}
