import type { CardKeyReport, CardRenewal, Credential } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Database, Trx } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { type CardKeys, identifierContext, isKeyed, selectCredential } from "../credentials/index.ts";
import {
  announceVersion,
  countWaiting,
  insertVersion,
  type KeyedCard,
  lockKeyedCard,
  lockVersions,
  selectCarried,
  selectNewest,
  selectWaiting,
  updateRenewed,
} from "./card-keys.store.ts";
import { keyVersionReport } from "./key-version-report.ts";

const LAST_VERSION = 127;

export type CardKeysService = ReturnType<typeof makeCardKeysService>;

/**
 * Renews the keys on cards over weeks. From the start of a version gates hold both keys of every card; a card's old one
 * ends when a desk has written the new one and the card has proved it. Two versions at most are alive.
 */
export function makeCardKeysService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly cardKeys: CardKeys;
  readonly storageKey: StorageKey;
}) {
  const { db, change, cardKeys, storageKey } = dependencies;

  async function waitingCard(trx: Trx, id: string) {
    const card = found(await lockKeyedCard(trx, id), "credential");
    if (!isKeyed(card.kind) || card.state === "replaced") {
      throw refusal("conflict", "this credential carries no keys of ours");
    }
    return { ...card, kind: card.kind } satisfies KeyedCard;
  }

  return {
    async report(actor: Actor): Promise<CardKeyReport> {
      authorise(actor, "credentials.read");
      return keyVersionReport(await selectNewest(db), await selectCarried(db));
    },

    /** Throws `conflict` while cards still wait for the version before, and after the last version there can be. */
    async start(author: StaffAuthor): Promise<CardKeyReport> {
      authorise(author.actor, "credentials.write");
      demandReason(author.reason);
      return change(author, async (scope) => {
        await lockVersions(scope.trx);
        const { version: before } = await selectNewest(scope.trx);
        const waiting = await countWaiting(scope.trx);
        if (waiting > 0) throw refusal("conflict", `${waiting} cards still wait for version ${before}`);
        if (before >= LAST_VERSION) throw refusal("conflict", "there is no version after 127");
        const version = before + 1;
        await insertVersion(scope.trx, version, scope.at);
        await announceVersion(scope.trx, version, await scope.touch("credentials"));
        await scope.record({
          action: "card-keys.version-started",
          entity: "card-keys",
          entityId: String(version),
          before: { version: before },
          after: { version },
        });
        return keyVersionReport({ version, startedAt: scope.at }, await selectCarried(scope.trx));
      });
    },

    async waiting(actor: Actor): Promise<readonly Credential[]> {
      authorise(actor, "credentials.read");
      return selectWaiting(db);
    },

    /** Throws `conflict` for a card that waits for no renewal. */
    async renewal(author: StaffAuthor, id: string): Promise<CardRenewal> {
      authorise(author.actor, "credentials.write");
      return change(author, async ({ trx, record }) => {
        const card = await waitingCard(trx, id);
        const { kind, keyVersion, nextKeyVersion, doorGroups } = card;
        if (nextKeyVersion === undefined) throw refusal("conflict", "this card carries the newest keys");
        const uid = storageKey.open(card.sealedIdentifier, identifierContext(id));
        await record({
          action: "credential.keys-given",
          entity: "credential",
          entityId: id,
          after: { keyVersion: nextKeyVersion },
        });
        return {
          credential: found(await selectCredential(trx, id), "credential"),
          personalisation: cardKeys.personalisation(kind, uid, doorGroups, nextKeyVersion),
          earlier: [cardKeys.personalisation(kind, uid, doorGroups, keyVersion)],
        };
      });
    },

    /** Repeating it changes nothing. */
    async renewed(author: StaffAuthor, id: string): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      return change(author, async (scope) => {
        const { keyVersion, nextKeyVersion } = await waitingCard(scope.trx, id);
        if (nextKeyVersion !== undefined) {
          await updateRenewed(scope.trx, id, nextKeyVersion, await scope.touch("credentials"));
          await scope.record({
            action: "credential.keys-renewed",
            entity: "credential",
            entityId: id,
            before: { keyVersion },
            after: { keyVersion: nextKeyVersion },
          });
        }
        return found(await selectCredential(scope.trx, id), "credential");
      });
    },
  };
}
