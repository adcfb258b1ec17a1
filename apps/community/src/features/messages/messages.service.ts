import { randomUUID } from "node:crypto";
import type {
  Audience,
  CommercialMessageInput,
  SentCommercialMessage,
  SentNotice,
  ServiceNoticeInput,
  SharingRecipient,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { selectAudience } from "./audience.store.ts";
import type { ConsentInForce, HasConsent } from "./consent-source.ts";
import {
  insertCommercial,
  insertNotice,
  markCommercialRead,
  markRead,
  type StoredMessage,
  selectCommercial,
  selectNotices,
  selectOwnCommercial,
  selectOwnNotices,
  selectStops,
  upsertStop,
} from "./messages.store.ts";
import { peopleCount } from "./people-count.ts";
import { selectRecipient } from "./sharing.store.ts";

export type MessagesService = ReturnType<typeof makeMessagesService>;

/** Notices to residents and commercial messages: two things that no operation turns into each other. */
export function makeMessagesService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly hasConsent: HasConsent;
}) {
  const { db, clock, change, hasConsent } = dependencies;

  /** Those who consented, to this advertiser where one is named, and did not stop it since. */
  async function willing(
    reader: Reader,
    personIds: readonly string[],
    advertiser?: string,
  ): Promise<readonly { readonly personId: string; readonly consent: ConsentInForce }[]> {
    const stops = await selectStops(reader, personIds);
    const found: { personId: string; consent: ConsentInForce }[] = [];
    for (const personId of personIds) {
      const consent = await hasConsent(reader, personId, {
        purpose: "commercial-messages",
        ...optional("advertiser", advertiser),
      });
      const stoppedAt = stops.get(personId);
      if (consent === undefined || (stoppedAt !== undefined && stoppedAt >= consent.givenAt)) continue;
      found.push({ personId, consent });
    }
    return found;
  }

  return {
    async notices(actor: Actor) {
      authorise(actor, "messages.send");
      return { items: (await selectNotices(db)).map(sentOf) };
    },

    async noticeReach(actor: Actor, audience: Audience) {
      authorise(actor, "messages.send");
      return { addressed: peopleCount((await selectAudience(db, audience, clock.now())).length) };
    },

    /** Throws `conflict` where nobody lives. */
    async sendNotice(
      author: StaffAuthor,
      { title, text, audience }: ServiceNoticeInput,
    ): Promise<SentNotice> {
      authorise(author.actor, "messages.send");
      return change(author, async ({ trx, at, record }) => {
        const personIds = await selectAudience(trx, audience, at);
        if (personIds.length === 0) throw refusal("conflict", "nobody lives there");
        const id = randomUUID();
        await insertNotice(trx, { id, title, text, sentAt: at, sentBy: author.actor.staffId, personIds });
        await record({ action: "notice.sent", entity: "notice", entityId: id, after: { title, audience } });
        return sentOf(found((await selectNotices(trx, id))[0], "notice"));
      });
    },

    async commercial(actor: Actor) {
      authorise(actor, "messages.send");
      const items = await selectCommercial(db);
      return { items: items.map(({ advertiser, ...message }) => ({ ...sentOf(message), advertiser })) };
    },

    /** Throws `not-found` for an advertiser who is not registered. */
    async commercialReach(actor: Actor, audience: Audience, advertiserId: string) {
      authorise(actor, "messages.send");
      const { name } = await findAdvertiser(db, advertiserId);
      const people = await selectAudience(db, audience, clock.now());
      return { addressed: peopleCount((await willing(db, people, name)).length) };
    },

    /**
     * Goes to those who consented, and to nobody else. Throws `conflict` where nobody did; `not-found` for an advertiser
     * who is not registered.
     */
    async sendCommercial(
      author: StaffAuthor,
      { title, text, audience, advertiserId }: CommercialMessageInput,
    ): Promise<SentCommercialMessage> {
      authorise(author.actor, "messages.send");
      return change(author, async ({ trx, at, record }) => {
        const advertiser = await findAdvertiser(trx, advertiserId);
        const to = await willing(trx, await selectAudience(trx, audience, at), advertiser.name);
        if (to.length === 0)
          throw refusal("conflict", "nobody there consented to commercial messages of this advertiser");
        const id = randomUUID();
        await insertCommercial(trx, {
          ...{ id, title, text, advertiserId, to },
          sentAt: at,
          sentBy: author.actor.staffId,
        });
        await record({
          action: "commercial-message.sent",
          entity: "commercial-message",
          entityId: id,
          after: { title, advertiser: advertiser.name, audience },
        });
        const sent = found((await selectCommercial(trx, id))[0], "message");
        return { ...sentOf(sent), advertiser: sent.advertiser };
      });
    },

    ownNotices: (resident: SignedInResident) => selectOwnNotices(db, resident.personId),

    /** Another's notice is `not-found`. */
    async readNotice(resident: SignedInResident, id: string): Promise<null> {
      if (!(await markRead(db, id, resident.personId, clock.now())))
        throw refusal("not-found", "no such notice");
      return null;
    },

    /** Off: nothing is shown, also not what came before. */
    async ownCommercial({ personId }: SignedInResident) {
      const isOn = (await willing(db, [personId])).length > 0;
      if (!isOn) return { isOn, items: [] };
      const items = await selectOwnCommercial(db, personId);
      await markCommercialRead(db, personId, clock.now());
      return { isOn, items: [...items] };
    },

    /** One step, at once: from the answer on, nothing is sent or shown. */
    async stopCommercial({ personId }: SignedInResident): Promise<null> {
      await upsertStop(db, personId, clock.now());
      return null;
    },
  };
}

async function findAdvertiser(reader: Reader, id: string): Promise<SharingRecipient> {
  const advertiser = await selectRecipient(reader, id);
  if (advertiser === undefined || advertiser.endedAt !== undefined) {
    throw refusal("not-found", "no such registered recipient");
  }
  return advertiser;
}

function sentOf({ id, title, text, sentAt, addressed, read }: StoredMessage): SentNotice {
  return { id, title, text, sentAt, addressed: peopleCount(addressed), read: peopleCount(read) };
}
