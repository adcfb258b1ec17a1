import type { KeyRequest } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { demandAnother } from "../../authority/second-person.ts";
import { type ChangeRunner, type ChangeScope, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Trx } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { destroyVersion, type Keys } from "../../keys/card-masters.ts";
import { lockVersions } from "./card-keys.store.ts";
import {
  insertKeyRequest,
  isAskedFor,
  type KeyWork,
  lockKeyRequest,
  type StoredKeyRequest,
  selectKeyRequests,
  writeKeyDecision,
} from "./key-requests.store.ts";
import { beginNewVersion, demandEndable, demandStartable, endOldVersion } from "./key-versions.ts";

export type KeyRequestsService = ReturnType<typeof makeKeyRequestsService>;

/**
 * Work on card keys that two persons decide: a version for all cards, which sends every holder to the desk, and the end
 * of one, which destroys masters for good. A stolen gate does not wait for a second person; see `startForGroup`.
 */
export function makeKeyRequestsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly keys: Keys;
}) {
  const { db, clock, change, keys } = dependencies;

  async function read(actor: Actor, id: string): Promise<KeyRequest> {
    return found((await selectKeyRequests(db, { id }, actor.staffId, clock.now()))[0], "request");
  }

  async function waiting(trx: Trx, id: string, at: number): Promise<StoredKeyRequest> {
    await lockVersions(trx);
    const request = found(await lockKeyRequest(trx, id), "request");
    if (request.decision !== null || request.expiresAt <= at) throw refusal("conflict", "it is over");
    return request;
  }

  async function carryOut(scope: ChangeScope, work: KeyWork): Promise<number> {
    if (work.act === "start") return beginNewVersion(scope, keys());
    await endOldVersion(scope, work.version);
    return work.version;
  }

  return {
    async list(actor: Actor): Promise<KeyRequest[]> {
      authorise(actor, "credentials.read");
      return selectKeyRequests(db, {}, actor.staffId, clock.now());
    },

    /** Throws `conflict` for what could not be done now and for what was asked already, and `keys-locked`. */
    async ask(author: StaffAuthor, work: KeyWork): Promise<KeyRequest> {
      authorise(author.actor, "credentials.write");
      demandReason(author.reason);
      // Nobody is to wait for a second person, and then for the keys.
      keys();
      const id = await change(author, async ({ trx, at, record }) => {
        await lockVersions(trx);
        if (work.act === "start") await demandStartable(trx);
        else await demandEndable(trx, work.version);
        if (await isAskedFor(trx, work, at)) throw refusal("conflict", "this was asked already");
        const requestId = await insertKeyRequest(trx, author, work, at);
        await record({
          action: `card-keys.${work.act}-asked`,
          entity: "card-keys",
          entityId: requestId,
          ...(work.act === "end" ? { after: { version: work.version } } : {}),
        });
        return requestId;
      });
      return read(author.actor, id);
    },

    /**
     * Throws `second-person-needed` for whoever asked, `conflict` once it is over or can be done no more, and
     * `keys-locked`.
     */
    async agree(author: StaffAuthor, id: string): Promise<KeyRequest> {
      authorise(author.actor, "credentials.write");
      demandReason(author.reason);
      const service = keys();
      const ended = await change(author, async (scope) => {
        const request = await waiting(scope.trx, id, scope.at);
        demandAnother(author.actor, request.askedBy);
        const version = await carryOut(scope, request.work);
        const { staffId } = author.actor;
        await writeKeyDecision(scope.trx, id, { decision: "done", staffId, at: scope.at, version });
        return request.work.act === "end" ? version : undefined;
      });
      // After the commit, which a key could not be fetched back for; a start destroys what this one did not come to.
      if (ended !== undefined) await destroyVersion(db, service, ended);
      return read(author.actor, id);
    },

    /** By who asked, or by anybody who could have agreed. Throws `conflict` once it is over. */
    async withdraw(author: StaffAuthor, id: string): Promise<KeyRequest> {
      authorise(author.actor, "credentials.write");
      await change(author, async ({ trx, at, record }) => {
        const { act, version } = (await waiting(trx, id, at)).work;
        const { staffId } = author.actor;
        await writeKeyDecision(trx, id, { decision: "withdrawn", staffId, at, version });
        await record({ action: `card-keys.${act}-withdrawn`, entity: "card-keys", entityId: id });
      });
      return read(author.actor, id);
    },
  };
}
