import { formatVerifierKey } from "@menshen/evidence";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { PersonKeys } from "../../keys/person-keys.ts";
import { loadReceiptKey, type ReceiptKey } from "../../keys/receipt-key.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { ModelCache } from "../publishing/index.ts";
import { makeAlternatives } from "./alternatives.ts";
import type { ConsentListener } from "./changed.ts";
import { makeConsentsService } from "./consents.service.ts";
import { forgetContact, makeEnrolmentService } from "./enrolment.service.ts";
import { makeConsentExportService } from "./export.service.ts";
import { makeNoticesService } from "./notices.service.ts";

export type ConsentServices = ReturnType<typeof makeConsents>;

/** Notices, consents and what is kept by consent, put together. */
export function makeConsents(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly personKeys: PersonKeys;
  readonly communityId: string;
  readonly communityName: () => Promise<string>;
  readonly timeZone: string;
  readonly publicUrl: () => string;
  readonly cache: ModelCache;
  /** Who acts on a consent beside this slice. */
  readonly listeners?: readonly ConsentListener[];
}) {
  const { db, clock, storageKey, communityId } = dependencies;
  let loaded: Promise<ReceiptKey> | undefined;
  const receiptKey = () => {
    loaded ??= loadReceiptKey(db, storageKey, communityId, clock.now()).catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
  const parts = {
    ...dependencies,
    receiptKey,
    alternatives: makeAlternatives(dependencies),
    listeners: [forgetContact, ...(dependencies.listeners ?? [])],
  };
  const consents = makeConsentsService(parts);
  return {
    notices: makeNoticesService(parts),
    consents,
    enrolment: makeEnrolmentService({ ...parts, inForce: consents.inForce }),
    exports: makeConsentExportService({ ...parts, records: consents.records }),
    /** For what else residents are given as proof. */
    signing: receiptKey,
    /** C2SP verifier key. */
    receiptKey: async () => formatVerifierKey((await receiptKey()).key),
  };
}
