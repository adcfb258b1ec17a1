import { ed25519Sign, toHex } from "@menshen/crypto/node";
import { consentExportBytes, formatVerifierKey } from "@menshen/evidence";
import type { ConsentExport } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import type { ReceiptKey } from "../../keys/receipt-key.ts";
import type { ConsentsService } from "./consents.service.ts";
import { selectEnrolment } from "./enrolment.store.ts";
import { selectNotices } from "./notices.store.ts";

/** Evidence of voluntariness: what a person was shown, what they said, what else they could have done; all of it signed. */
export function makeConsentExportService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly communityId: string;
  readonly communityName: () => Promise<string>;
  readonly receiptKey: () => Promise<ReceiptKey>;
  readonly records: ConsentsService["records"];
}) {
  const { db, clock, communityId } = dependencies;

  async function of(personId: string): Promise<ConsentExport> {
    const { key, secretKey } = await dependencies.receiptKey();
    const records = await dependencies.records(personId);
    const shown = new Set(records.map(({ noticeSha256 }) => noticeSha256));
    const body = {
      use: "menshen/consent-export/v1" as const,
      communityId,
      communityName: await dependencies.communityName(),
      personId,
      madeAt: clock.now(),
      receiptKey: formatVerifierKey(key),
      notices: (await selectNotices(db, communityId))
        .filter(({ sha256 }) => shown.has(sha256))
        .map(({ sha256, text }) => ({ sha256, text })),
      records: records.map((record) => ({ ...record })),
    };
    return { ...body, signature: toHex(ed25519Sign(secretKey, consentExportBytes(body))) };
  }

  return {
    ofResident: of,
    /** Throws `not-found`. */
    async ofPerson(actor: Actor, personId: string): Promise<ConsentExport> {
      authorise(actor, "consents.keep");
      found(await selectEnrolment(db, personId), "person");
      return of(personId);
    },
  };
}
