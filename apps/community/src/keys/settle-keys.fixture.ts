// A server's process that moves keys into a token, for a test that kills it; see settle-keys.test.ts. Tells every durable
// step as a line, at the end the keys of one card.
import { fromHex, toHex } from "@menshen/crypto/node";
import { openPkcs11KeyService } from "@menshen/key-service";
import { openDatabase } from "../database/database.ts";
import { cardKeys, pinKeyOf } from "./card-masters.ts";
import { settleKeys } from "./settle-keys.ts";
import { makeStorageKey } from "./storage-key.ts";

const { connection, token, storageKey, communityId, uid } = JSON.parse(process.env.SETTLE_PLAN ?? "");
const db = openDatabase(connection, () => {});
const service = await openPkcs11KeyService(token);
const settling = settleKeys({
  db,
  storageKey: makeStorageKey(fromHex(storageKey)),
  service,
  communityId,
  now: 1_800_000_000_000,
});
for await (const step of settling) process.stdout.write(`${step}\n`);
const keys = await cardKeys(
  service,
  communityId,
  [1, 2].map((version) => ({ kind: "desfire", uid: fromHex(uid), doorGroup: 1, version })),
);
const told = [...keys, await pinKeyOf(service)].map((key) => toHex(key ?? new Uint8Array()));
process.stdout.write(`done ${told.join(" ")}\n`);
await service.close();
await db.destroy();
