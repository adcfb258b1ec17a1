import { randomUUID } from "node:crypto";
import type { ResponseOf, SharingRecipient, SharingRecipientInput, sharingEndpoints } from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database } from "../../database/database.ts";
import { found, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { HasConsent } from "./consent-source.ts";
import {
  insertRecipient,
  insertShare,
  selectRecipient,
  selectRecipients,
  selectSharedPerson,
  updateEnded,
} from "./sharing.store.ts";

export type SharingService = ReturnType<typeof makeSharingService>;

/** The register of those who may get residents' data, and the one way in which data go to them. */
export function makeSharingService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly hasConsent: HasConsent;
}) {
  const { db, change, hasConsent } = dependencies;
  return {
    list: () => selectRecipients(db),

    /** Throws `conflict` for a name that is registered. */
    async register(author: StaffAuthor, input: SharingRecipientInput): Promise<SharingRecipient> {
      authorise(author.actor, "sharing.write");
      return change(author, async ({ trx, at, leaf, record }) => {
        const id = randomUUID();
        const { name, purpose, subProcessors } = input;
        const { staffId } = author.actor;
        await unlessTaken(
          insertRecipient(trx, { ...input, id, since: at, staffId }),
          "a recipient of this name is registered",
        );
        await leaf({
          topic: "recipient-registered",
          subject: { kind: "community" },
          statement: { recipientId: id, name, purpose, subProcessors },
          public: true,
        });
        await record({
          action: "recipient.registered",
          entity: "recipient",
          entityId: id,
          after: { ...input },
        });
        return found(await selectRecipient(trx, id), "recipient");
      });
    },

    async end(author: StaffAuthor, id: string): Promise<SharingRecipient> {
      authorise(author.actor, "sharing.write");
      return change(author, async ({ trx, at, leaf, record }) => {
        const before = found(await selectRecipient(trx, id), "recipient");
        if (before.endedAt !== undefined) return before;
        await updateEnded(trx, id, at);
        await leaf({
          topic: "recipient-ended",
          subject: { kind: "community" },
          statement: { recipientId: id },
          public: true,
        });
        await record({ action: "recipient.ended", entity: "recipient", entityId: id });
        return found(await selectRecipient(trx, id), "recipient");
      });
    },

    /**
     * Gives name and homes of one person to one recipient. Throws `not-found` for a recipient who is not registered, and
     * `forbidden` for a sub-processor whom the register does not name or a person without a consent for this recipient.
     */
    async share(
      author: StaffAuthor,
      recipientId: string,
      input: { readonly personId: string; readonly subProcessors: readonly string[] },
    ): Promise<ResponseOf<typeof sharingEndpoints.share>> {
      authorise(author.actor, "sharing.give");
      const { personId, subProcessors } = input;
      return change(author, async ({ trx, at, leaf, record }) => {
        const recipient = await selectRecipient(trx, recipientId);
        if (recipient === undefined || recipient.endedAt !== undefined) {
          throw refusal("not-found", "no such registered recipient");
        }
        const undisclosed = subProcessors.filter((name) => !recipient.subProcessors.includes(name));
        if (undisclosed.length > 0) {
          throw refusal(
            "forbidden",
            "a sub-processor is not in the register: register it, then ask residents anew",
            { fields: [{ path: "body/subProcessors", message: "expected names that the register has" }] },
          );
        }
        const consent = await hasConsent(trx, personId, { purpose: "sharing", recipient: recipient.name });
        // A recipient who came to use others after the consent was given is another recipient.
        if (consent === undefined || consent.givenAt < recipient.since) {
          throw refusal("forbidden", "this person did not consent to sharing with this recipient", {
            fields: [{ path: "body/personId", message: "expected somebody who consented to exactly this" }],
          });
        }
        const person = found(await selectSharedPerson(trx, personId), "person");
        const leafId = await leaf({
          topic: "data-shared",
          subject: { kind: "person", id: personId },
          statement: {
            personId,
            recipientId,
            subProcessors,
            consentId: consent.consentId,
            what: "name-and-homes",
          },
        });
        const id = randomUUID();
        const { staffId } = author.actor;
        const { consentId } = consent;
        await insertShare(trx, { id, recipientId, personId, at, staffId, consentId, subProcessors, leafId });
        await record({ action: "data.shared", entity: "person", entityId: personId, after: { recipientId } });
        return { person, consentId, leafId };
      });
    },
  };
}
