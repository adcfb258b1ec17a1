import { randomUUID } from "node:crypto";
import type { RevealedEvent, RevealReason } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { makeRateLimit } from "../identity/index.ts";
import { selectCredentialBehind } from "./pseudonyms.store.ts";
import { insertView, selectHolder, selectPseudonym } from "./trail.store.ts";

/** A person helps some at the door; whoever joins names to events by the hundred makes trails. */
const REVEALS_AT_ONCE = 30;
const REVEAL_EVERY_MS = 60_000;

export type TrailService = ReturnType<typeof makeTrailService>;

/** The only place where an event and a name come together: by a person, for a reason, on record. */
export function makeTrailService({ db, clock }: { readonly db: Database; readonly clock: Clock }) {
  const limit = makeRateLimit(clock, REVEALS_AT_ONCE, REVEAL_EVERY_MS);
  return {
    /** Throws `not-found` for an event that is not there, `rate-limited`. Looking and finding nobody is on record too. */
    async reveal(
      actor: Actor,
      event: { readonly gateId: string; readonly sequence: number },
      reason: RevealReason,
    ): Promise<RevealedEvent> {
      authorise(actor, "events.reveal");
      limit.take(actor.staffId);
      // The look is stored before the answer leaves: no answer without a record.
      return db.transaction().execute(async (trx) => {
        const { at, pseudonym } = found(await selectPseudonym(trx, event.gateId, event.sequence), "event");
        const credential = pseudonym && (await selectCredentialBehind(trx, pseudonym, at));
        const holder = credential && (await selectHolder(trx, credential.id));
        const viewId = randomUUID();
        await insertView(trx, {
          id: viewId,
          at: clock.now(),
          staffId: actor.staffId,
          gateId: event.gateId,
          sequence: event.sequence,
          reasonCode: reason.code,
          reasonText: reason.text?.trim() || undefined,
          personId: holder?.personId,
        });
        if (credential === undefined || holder === undefined)
          return { viewId, found: false, dwellingNames: [] };
        return { viewId, found: true, credentialId: credential.id, ...holder };
      });
    },
  };
}
