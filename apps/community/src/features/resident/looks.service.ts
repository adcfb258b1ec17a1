import { toHex } from "@menshen/crypto/node";
import type { EvidencePlace, Look } from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { type OpenedStatement, openStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { type StaffLook, selectLooksAt } from "../../view-record/index.ts";
import { makeRateLimit } from "../identity/index.ts";
import { type Disclosure, selectDisclosuresFor } from "../opening/index.ts";
import { insertRefusedRead, selectRefusedReads } from "./resident.store.ts";

/** More than anybody reads; what is older stays in the log. */
const MOST_LOOKS = 1_000;

export type LooksService = ReturnType<typeof makeLooksService>;

/** Who looked at one's own data, or tried to. */
export function makeLooksService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly storageKey: StorageKey;
}) {
  const { db, clock, storageKey } = dependencies;
  const perResident = makeRateLimit(clock, 10, 360_000);

  return {
    /**
     * Newest first. Another person's id is refused as `forbidden` whether or not there is such a person, and the attempt
     * is kept: the person asked about sees it. Throws `rate-limited` for one attempt after the other.
     */
    async list(resident: SignedInResident, personId: string): Promise<readonly Look[]> {
      if (personId !== resident.personId) {
        perResident.take(resident.personId);
        await insertRefusedRead(db, {
          at: clock.now(),
          personId: resident.personId,
          askedPersonId: personId,
        });
        throw refusal("forbidden", "this is somebody else's; the attempt was recorded");
      }
      const views = await selectLooksAt(db, storageKey, personId);
      const refused = await selectRefusedReads(db, personId, MOST_LOOKS);
      const disclosed = await selectDisclosuresFor(db, personId);
      const requests = await openStatements(
        db,
        storageKey,
        disclosed.map(({ leafId }) => leafId),
      );
      const openings = disclosed.flatMap((disclosure) => {
        const request = requests.find(({ leafId }) => leafId === disclosure.leafId);
        return request === undefined ? [] : [lookOfOpening(disclosure, request)];
      });
      return [
        ...views.map(lookOfStaff),
        ...openings,
        ...refused.map(({ at }): Look => ({ kind: "refused", at })),
      ]
        .toSorted((a, b) => b.at - a.at)
        .slice(0, MOST_LOOKS);
    },
  };
}

function lookOfStaff({ at, body, role, reason, what, evidence }: StaffLook): Look {
  return { kind: "view", at, body, role, reason, what, evidence: placeOf(evidence) };
}

function lookOfOpening(disclosure: Disclosure, request: OpenedStatement): Look {
  const { disclosedAt, requestedAt, authority, documentNumber, purpose, from, until, entryCount } =
    disclosure;
  return {
    kind: "opening",
    at: disclosedAt,
    requestedAt,
    authority,
    ...optional("documentNumber", documentNumber),
    purpose,
    accessPointIds: [...disclosure.accessPointIds],
    from,
    until,
    entryCount,
    evidence: placeOf(request),
  };
}

function placeOf({ topic, statement, salt, index }: OpenedStatement): EvidencePlace {
  return {
    topic,
    statement,
    ...optional("salt", salt === undefined ? undefined : toHex(salt)),
    ...optional("leafIndex", index),
  };
}
