import type { CardKeyGroup, CardKeyReport, CardRenewal, Credential } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { CommunityError, refusal } from "../../errors.ts";
import type { Keys } from "../../keys/card-masters.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { type CardKeys, identifierContext, isKeyed, selectCredential } from "../credentials/index.ts";
import { selectLacking, settleLacking } from "./card-key-gates.store.ts";
import {
  countPassedOver,
  type KeyedCard,
  lockKeyedCard,
  lockVersions,
  selectCarried,
  selectGroup,
  selectGroupCards,
  selectLive,
  selectWaiting,
  updateRenewed,
} from "./card-keys.store.ts";
import { keyVersionReport } from "./key-version-report.ts";
import { begin } from "./key-versions.ts";

export type CardKeysService = ReturnType<typeof makeCardKeysService>;

/**
 * Renews the keys on cards over weeks. From the start of a version gates hold both keys of every card; a card's old one
 * ends when a desk has written the new one and the card has proved it, and the old masters when no card in use carries
 * the version. A stolen gate does not wait for a renewal that is under way: its door group's cards pass that one over.
 */
export function makeCardKeysService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly cardKeys: CardKeys;
  readonly keys: Keys;
  readonly storageKey: StorageKey;
}) {
  const { db, change, cardKeys, keys, storageKey } = dependencies;

  async function waitingCard(trx: Trx, id: string) {
    const card = found(await lockKeyedCard(trx, id), "credential");
    if (!isKeyed(card.kind) || card.state === "replaced" || card.state === "destroyed") {
      throw refusal("conflict", "this credential carries no keys of ours");
    }
    return { ...card, kind: card.kind } satisfies KeyedCard;
  }

  async function reportOf(reader: Reader): Promise<CardKeyReport> {
    const [newest, ...others] = await selectLive(reader);
    if (newest === undefined) throw new CommunityError("internal", "expected a version of card keys");
    const report = keyVersionReport([newest, ...others], await selectCarried(reader));
    return { ...report, lacking: [...(await selectLacking(reader, newest.version))] };
  }

  return {
    async report(actor: Actor): Promise<CardKeyReport> {
      authorise(actor, "credentials.read");
      return reportOf(db);
    },

    /**
     * For a stolen gate, by one person: whoever has it copies cards meanwhile, and nothing is destroyed. Throws `conflict` after the last version there can be, and for cards passed over
     * too often.
     */
    async startForGroup(author: StaffAuthor, doorGroup: number): Promise<CardKeyReport> {
      authorise(author.actor, "credentials.write");
      demandReason(author.reason);
      return change(author, async (scope) => {
        await lockVersions(scope.trx);
        const passedOver = await countPassedOver(scope.trx);
        if (passedOver > 0) {
          throw refusal("conflict", `${passedOver} cards missed five versions: replace or renew them first`);
        }
        await begin(scope, keys(), doorGroup);
        return reportOf(scope.trx);
      });
    },

    async group(actor: Actor, doorGroup: number): Promise<CardKeyGroup> {
      authorise(actor, "credentials.read");
      return selectGroup(db, doorGroup);
    },

    async groupCards(actor: Actor, doorGroup: number): Promise<readonly Credential[]> {
      authorise(actor, "credentials.read");
      return selectGroupCards(db, doorGroup);
    },

    async waiting(actor: Actor): Promise<readonly Credential[]> {
      authorise(actor, "credentials.read");
      return selectWaiting(db);
    },

    /** Throws `conflict` for a card that waits for no renewal, and while a gate that it opens lacks the new keys. */
    async renewal(author: StaffAuthor, id: string): Promise<CardRenewal> {
      authorise(author.actor, "credentials.write");
      return change(author, async ({ trx, record }) => {
        const card = await waitingCard(trx, id);
        const { kind, doorGroups, hidesUid, countsTaps, keyVersion, passedKeyVersions, nextKeyVersion } =
          card;
        if (nextKeyVersion === undefined) throw refusal("conflict", "this card carries the newest keys");
        const lacking = await settleLacking(trx, nextKeyVersion, doorGroups);
        if (lacking.length > 0) {
          const names = lacking.map(({ name }) => `\`${name}\``).join(", ");
          throw refusal(
            "conflict",
            `these gates have not got the new keys yet and would refuse it: ${names}`,
          );
        }
        const uid = storageKey.open(card.sealedIdentifier, identifierContext(id));
        const written = { kind, uid, doorGroups, hidesUid, countsAs: countsTaps ? id : undefined };
        const personalisation = await cardKeys.personalisation(written, nextKeyVersion);
        const earlier: CardRenewal["earlier"] = [];
        for (const version of [keyVersion, ...passedKeyVersions]) {
          earlier.push(await cardKeys.personalisation(written, version));
        }
        await record({
          action: "credential.keys-given",
          entity: "credential",
          entityId: id,
          after: { keyVersion: nextKeyVersion },
        });
        return {
          credential: found(await selectCredential(trx, id), "credential"),
          personalisation,
          earlier,
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
