import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { ReceiptKey } from "../../keys/receipt-key.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { makeQueueService } from "./queue.service.ts";
import { makeSealedTexts } from "./sealed-texts.ts";
import { makeWritingService } from "./writing.service.ts";

/** Complaints, put together. */
export function makeComplaints(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly receiptKey: () => Promise<ReceiptKey>;
  readonly communityId: string;
  readonly timeZone: () => Promise<string>;
}) {
  const { db, storageKey, communityId, timeZone } = dependencies;
  const texts = makeSealedTexts(storageKey);
  return {
    writing: makeWritingService({ ...dependencies, texts, community: { id: communityId, timeZone } }),
    queue: makeQueueService({
      ...dependencies,
      texts,
      async nameOf(personId) {
        const row = await db
          .selectFrom("person")
          .select("display_name")
          .where("id", "=", personId)
          .executeTakeFirst();
        return row?.display_name;
      },
    }),
  };
}
