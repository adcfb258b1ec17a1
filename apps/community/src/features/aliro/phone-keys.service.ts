import { randomUUID } from "node:crypto";
import { parsePossession, provesPossession } from "@menshen/credentials";
import { fromHex, p256Verify, toHex } from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import type { aliroEndpoints, BodyOf, ResponseOf, residentAliroEndpoints } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import {
  type Enroller,
  type Enrolment,
  lockCredential,
  logStatesOf,
  personExists,
  selectCredential,
  takeStep,
  updateState,
} from "../credentials/index.ts";
import { selectKeys } from "./aliro.store.ts";
import { deskReader, readerIdentifier } from "./aliro-secrets.ts";
import {
  deleteRequest,
  insertDesk,
  insertRequest,
  lockOwnKey,
  selectAskedAt,
  selectDocuments,
  selectOwnKeys,
  selectRequests,
  takeDesk,
  withdrawDocuments,
} from "./phone-keys.store.ts";

/** How long a desk has to read a telephone. */
const DESK_TIME = Duration.minutes(15);

const ASKED = { actor: undefined, reason: { code: "resident-request" } } as const;

export type PhoneKeysService = ReturnType<typeof makePhoneKeysService>;

/** How a key on a telephone becomes one of a resident, and stops being it: by the desk, and by whose it is. */
export function makePhoneKeysService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly enroller: Enroller;
}) {
  const { db, clock, change, storageKey, enroller } = dependencies;
  return {
    /** Throws `not-found` for a person or a group that is not there; `conflict` where no group was begun. */
    beginDesk(
      author: StaffAuthor,
      { personId, groupId }: BodyOf<typeof aliroEndpoints.beginDesk>,
    ): Promise<ResponseOf<typeof aliroEndpoints.beginDesk>> {
      authorise(author.actor, "credentials.write");
      return change(author, async ({ trx, at, record }) => {
        if (!(await personExists(trx, personId))) throw refusal("not-found", "no such person");
        const groups = (await selectKeys(trx)).filter(({ use }) => use === "readers");
        if (groups.length === 0) throw refusal("conflict", "begin a group of readers first");
        const group = found(
          groups.find(({ id }) => groupId === undefined || id === groupId),
          "group",
        );
        const id = randomUUID();
        const expiresAt = at + DESK_TIME;
        const { staffId } = author.actor;
        await insertDesk(trx, { id, keyId: group.id, personId, staffId, at, expiresAt });
        await record({
          action: "aliro.desk-began",
          entity: "aliro",
          entityId: group.id,
          after: { personId, expiresAt },
        });
        const reader = deskReader(storageKey, group, id, { at, until: expiresAt });
        return {
          id,
          expiresAt,
          reader: {
            identifier: toHex(reader.identifier),
            secretKey: toHex(reader.secretKey),
            certificate: toHex(reader.certificate),
            groupKey: toHex(reader.groupKey),
          },
        };
      });
    },

    /**
     * Throws `not-found` for a reader that served or whose time is over; `invalid-request` for what is not signed by the
     * telephone to this reader; `conflict` for a telephone that is somebody's.
     */
    enrolPhone(
      author: StaffAuthor,
      deskId: string,
      input: BodyOf<typeof aliroEndpoints.enrolPhone>,
    ): Promise<Enrolment> {
      authorise(author.actor, "credentials.write");
      const possession = parsePossession(fromHex(input.possession));
      return change(author, async (scope) => {
        const { trx, at } = scope;
        const desk = found(await takeDesk(trx, deskId), "reader of the desk");
        const group = (await selectKeys(trx)).find(({ id }) => id === desk.keyId);
        if (desk.expiresAt <= at || group === undefined) {
          throw refusal("not-found", "the time of this reader is over: begin again");
        }
        if (!provesPossession({ p256Verify }, possession, readerIdentifier(group, deskId))) {
          throw refusal("invalid-request", "this proof was not made by a telephone for this reader", {
            fields: [{ path: "body/possession", message: "expected a proof made for this reader" }],
          });
        }
        const { dwellingId, until } = input;
        const enrolled = await enroller.enrol(
          scope,
          {
            kind: "phone",
            identifier: toHex(possession.publicKey),
            ...(until === undefined ? {} : { until }),
          },
          { personId: desk.personId, dwellingId },
        );
        await deleteRequest(trx, desk.personId);
        return enrolled;
      });
    },

    async requests(actor: Actor): Promise<ResponseOf<typeof aliroEndpoints.requests>> {
      authorise(actor, "credentials.read");
      return { items: await selectRequests(db, clock.now()) };
    },

    async documents(actor: Actor): Promise<ResponseOf<typeof aliroEndpoints.documents>> {
      authorise(actor, "credentials.read");
      return { items: await selectDocuments(db, clock.now()) };
    },

    /** Gates hear at once; no document is issued to this telephone before the last of these would have ended. */
    withdraw(author: StaffAuthor, id: string): Promise<ResponseOf<typeof aliroEndpoints.withdrawDocuments>> {
      authorise(author.actor, "credentials.write");
      demandReason(author.reason);
      return change(author, async (scope) => {
        const { trx, at } = scope;
        await lockCredential(trx, id);
        const { personId } = found(await selectCredential(trx, id), "credential");
        const withdrawn = await withdrawDocuments(trx, id, at);
        if (withdrawn > 0) {
          await scope.touch("credentials");
          await scope.record({
            action: "credential.documents-withdrawn",
            entity: "credential",
            entityId: id,
            after: { withdrawn },
          });
        }
        return { personId, withdrawn };
      });
    },

    async listOwn({
      personId,
    }: SignedInResident): Promise<Omit<ResponseOf<typeof residentAliroEndpoints.list>, "groups">> {
      const keys = await selectOwnKeys(db, personId);
      const logs = await logStatesOf(
        db,
        clock.now(),
        keys.map(({ id }) => id),
      );
      const askedAt = await selectAskedAt(db, personId);
      return {
        items: keys.map((key) => {
          const log = logs.get(key.id)?.state;
          return { ...key, ...(log === undefined ? {} : { log }) };
        }),
        ...(askedAt === undefined ? {} : { askedAt }),
      };
    },

    async ask({ personId }: SignedInResident): Promise<void> {
      await change(ASKED, async ({ trx, at, record }) => {
        if (!(await insertRequest(trx, personId, at))) return;
        await record({
          action: "person.phone-key-asked",
          entity: "person",
          entityId: personId,
          after: {},
        });
      });
    },

    async takeBack({ personId }: SignedInResident): Promise<void> {
      await change(ASKED, async ({ trx, record }) => {
        if (!(await deleteRequest(trx, personId))) return;
        await record({
          action: "person.phone-key-not-asked",
          entity: "person",
          entityId: personId,
          after: {},
        });
      });
    },

    /** It opens nothing more; the desk may enrol the telephone again. Throws `not-found` for what is not theirs. */
    async removeOwn({ personId }: SignedInResident, id: string): Promise<void> {
      await change(ASKED, async (scope) => {
        const { trx, at } = scope;
        const before = found(await lockOwnKey(trx, id, personId), "telephone key");
        const { to, action } = takeStep(before, "return");
        await updateState(trx, id, to, at, await scope.touch("credentials"));
        await scope.record({
          action: `credential.${action}`,
          entity: "credential",
          entityId: id,
          before: { state: before },
          after: { state: to },
        });
      });
    },
  };
}
