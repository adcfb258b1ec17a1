import { randomUUID } from "node:crypto";
import { randomBytes, toHex } from "@menshen/crypto/node";
import type { AliroState } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, type ChangeScope, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import {
  type AliroKeyRow,
  endKey,
  insertKey,
  lockKeys,
  raiseReaderVersion,
  selectKeys,
} from "./aliro.store.ts";
import { certificateTime, makeAliroSecret } from "./aliro-secrets.ts";
import { MAX_GROUPS } from "./gate-aliro.ts";
import { selectGates } from "./phone-keys.store.ts";

const IDENTIFIER_BYTES = 16;
/** Gates believe as many issuers' documents at a time. */
const MAX_ISSUERS = 2;

export type AliroGroupsService = ReturnType<typeof makeAliroGroupsService>;

/**
 * Who the community is to telephones: a group of readers for each door group, so that a gate that is stolen can pretend to be
 * a reader of its own door group and of no other; and who signs what telephones carry. Both are renewed with two alive.
 */
export function makeAliroGroupsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
}) {
  const { db, clock, change, storageKey } = dependencies;

  /** Makes a change to the keys, one after the other, and tells gates. */
  function changeKeys(
    author: StaffAuthor,
    work: (scope: ChangeScope, keys: readonly AliroKeyRow[]) => Promise<void>,
  ): Promise<AliroState> {
    authorise(author.actor, "credentials.write");
    demandReason(author.reason);
    return change(author, async (scope) => {
      await lockKeys(scope.trx);
      await work(scope, await selectKeys(scope.trx));
      await scope.touch("credentials");
      return stateOf(scope.trx, scope.at);
    });
  }

  async function begin(scope: ChangeScope, key: Pick<AliroKeyRow, "use" | "doorGroup">): Promise<void> {
    const id = randomUUID();
    await insertKey(scope.trx, {
      ...key,
      id,
      identifier: key.use === "readers" ? randomBytes(IDENTIFIER_BYTES) : undefined,
      ...makeAliroSecret(storageKey, id),
      at: scope.at,
    });
    await scope.record({
      action: `aliro.${key.use === "readers" ? "group" : "issuer"}-began`,
      entity: "aliro",
      entityId: id,
      after: key.doorGroup === undefined ? {} : { doorGroup: key.doorGroup },
    });
  }

  /** Throws `not-found` for a key of another use, and one that ended. */
  function find(keys: readonly AliroKeyRow[], use: AliroKeyRow["use"], id: string): AliroKeyRow {
    const key = keys.find((one) => one.id === id && one.use === use);
    if (key === undefined) throw refusal("not-found", "no such key is in use");
    return key;
  }

  async function end(scope: ChangeScope, { id, use, doorGroup }: AliroKeyRow): Promise<void> {
    await endKey(scope.trx, id, scope.at);
    await scope.record({
      action: `aliro.${use === "readers" ? "group" : "issuer"}-ended`,
      entity: "aliro",
      entityId: id,
      before: doorGroup === undefined ? {} : { doorGroup },
    });
  }

  return {
    async state(actor: Actor): Promise<AliroState> {
      authorise(actor, "credentials.read");
      return stateOf(db, clock.now());
    },

    /** Throws `conflict` while the group before the present one still lives. */
    beginGroup(author: StaffAuthor, doorGroup: number): Promise<AliroState> {
      return changeKeys(author, async (scope, keys) => {
        if (keys.filter((key) => key.doorGroup === doorGroup).length >= MAX_GROUPS) {
          throw refusal("conflict", "end the group before the present one first");
        }
        await begin(scope, { use: "readers", doorGroup });
        if (!keys.some(({ use }) => use === "documents")) {
          await begin(scope, { use: "documents", doorGroup: undefined });
        }
      });
    },

    endGroup(author: StaffAuthor, id: string): Promise<AliroState> {
      return changeKeys(author, (scope, keys) => end(scope, find(keys, "readers", id)));
    },

    renewReaders(author: StaffAuthor, id: string): Promise<AliroState> {
      return changeKeys(author, async (scope, keys) => {
        const { readerVersion } = find(keys, "readers", id);
        await raiseReaderVersion(scope.trx, id);
        await scope.record({
          action: "aliro.readers-renewed",
          entity: "aliro",
          entityId: id,
          before: { readerVersion },
          after: { readerVersion: readerVersion + 1 },
        });
      });
    },

    /** Throws `conflict` while the issuer before the present one still lives. */
    beginIssuer(author: StaffAuthor): Promise<AliroState> {
      return changeKeys(author, async (scope, keys) => {
        if (keys.filter(({ use }) => use === "documents").length >= MAX_ISSUERS) {
          throw refusal("conflict", "end the issuer before the present one first");
        }
        await begin(scope, { use: "documents", doorGroup: undefined });
      });
    },

    /** Throws `conflict` for the only one: without an issuer nothing could be revoked. */
    endIssuer(author: StaffAuthor, id: string): Promise<AliroState> {
      return changeKeys(author, async (scope, keys) => {
        const issuer = find(keys, "documents", id);
        if (keys.filter(({ use }) => use === "documents").length === 1) {
          throw refusal("conflict", "begin another issuer first");
        }
        await end(scope, issuer);
      });
    },
  };
}

async function stateOf(db: Reader, at: number): Promise<AliroState> {
  const keys = await selectKeys(db);
  const gates = await selectGates(db);
  const readersOf = (group: number) =>
    gates
      .filter(({ doorGroup }) => doorGroup === group)
      .map(({ id, name }) => ({ gateId: id, gateName: name, ...certificateTime(at) }));
  return {
    groups: keys.flatMap(({ id, doorGroup, identifier, publicKey, readerVersion, beganAt }) =>
      doorGroup === undefined || identifier === undefined
        ? []
        : [
            {
              id,
              doorGroup,
              identifier: toHex(identifier),
              publicKey: toHex(publicKey),
              readerVersion,
              beganAt,
              readers: readersOf(doorGroup),
            },
          ],
    ),
    issuers: keys
      .filter(({ use }) => use === "documents")
      .map(({ id, publicKey, beganAt }) => ({ id, publicKey: toHex(publicKey), beganAt })),
  };
}
