import { ed25519FromSecret, fromHex, randomBytes } from "@menshen/crypto/node";
import { CityLinkError } from "@menshen/service-kit/city-link";
import type { BodyOf, CityConnection, cityConnectionEndpoints } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { deleteConnection, replaceConnection, selectConnection, type Trouble } from "./connection.store.ts";
import type { Exchange } from "./exchange.ts";
import { countWaiting } from "./reports.store.ts";
import { CITY_KEY_CONTEXT } from "./sealing.ts";

const TROUBLES: readonly Trouble[] = ["unreachable", "refused", "rate-limited", "not-believed"];
const KEY_BYTES = 32;

/** Connecting this community with its city. */
export function makeConnectionService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly exchange: Exchange;
}) {
  const { db, change, storageKey, exchange } = dependencies;

  async function view(): Promise<CityConnection> {
    const row = await selectConnection(db);
    const waiting = await countWaiting(db);
    if (row === undefined) return { isConnected: false, waiting, issuers: [] };
    return {
      isConnected: true,
      url: row.url,
      name: row.name,
      enrolledAt: row.enrolled_at,
      ...optional("heardAt", row.heard_at),
      ...optional(
        "trouble",
        TROUBLES.find((one) => one === row.trouble),
      ),
      waiting,
      issuers: [...row.issuers],
    };
  }

  return {
    async read(actor: Actor): Promise<CityConnection> {
      authorise(actor, "cases.read");
      return view();
    },

    /** Throws `unavailable` if the city is not reached, `code-invalid` or `conflict` as the city says. */
    async connect(
      author: StaffAuthor,
      { url, code }: BodyOf<typeof cityConnectionEndpoints.connect>,
    ): Promise<CityConnection> {
      authorise(author.actor, "cases.settings");
      const secretKey = randomBytes(KEY_BYTES);
      const enrolled = await enrol(url, secretKey, code);
      await change(author, async ({ trx, at, record }) => {
        await replaceConnection(trx, {
          url: url.replace(/\/$/, ""),
          name: enrolled.name,
          evaluationKey: fromHex(enrolled.evaluationKey),
          sealedKey: storageKey.seal(secretKey, CITY_KEY_CONTEXT),
          at,
        });
        const key = Buffer.from(ed25519FromSecret(secretKey).publicKey).toString("base64url");
        await record({ action: "city.connected", entity: "city", entityId: key, after: { url } });
      });
      await exchange.run();
      return view();
    },

    async disconnect(author: StaffAuthor): Promise<CityConnection> {
      authorise(author.actor, "cases.settings");
      await change(author, async ({ trx, record }) => {
        const before = await selectConnection(trx);
        if (before === undefined) return;
        await deleteConnection(trx);
        const entityId = before.url;
        await record({ action: "city.disconnected", entity: "city", entityId, before: { url: before.url } });
      });
      return view();
    },
  };

  async function enrol(url: string, secretKey: Uint8Array, code: string) {
    try {
      return await exchange.clientOf(url, secretKey).enrol(code);
    } catch (error) {
      if (!(error instanceof CityLinkError)) throw error;
      if (error.code === "bad-address") {
        throw refusal("invalid-request", "the city's address begins with https://", {
          fields: [{ path: "body/url", message: "expected an https address without a path" }],
        });
      }
      if (error.refusal === "code-invalid") throw refusal("code-invalid", error.message);
      if (error.code === "refused" || error.code === "rate-limited") throw refusal("conflict", error.message);
      throw refusal("unavailable", "the city does not answer under this address");
    }
  }
}
