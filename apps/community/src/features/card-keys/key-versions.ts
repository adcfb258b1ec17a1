import type { KeyService } from "@menshen/key-service";
import type { ChangeScope } from "../../change-record/change-scope.ts";
import type { Trx } from "../../database/database.ts";
import { CommunityError, refusal } from "../../errors.ts";
import { beginVersion } from "../../keys/card-masters.ts";
import {
  announceVersion,
  countCarrying,
  countWaiting,
  forgetUnused,
  insertVersion,
  isVersionAlive,
  selectNewest,
  updateEnded,
} from "./card-keys.store.ts";

const LAST_VERSION = 127;

/** Throws `conflict` while cards still wait for the version before, and after the last version there can be. */
export async function demandStartable(trx: Trx): Promise<void> {
  const waiting = await countWaiting(trx);
  if (waiting > 0) throw refusal("conflict", `${waiting} cards still wait for the version before`);
  demandNext(await selectNewest(trx));
}

function demandNext(newest: number): void {
  if (newest >= LAST_VERSION) throw refusal("conflict", "there is no version after 127");
}

/** Throws `conflict` for the newest version and for one that cards in use carry; `not-found` for one that ended. */
export async function demandEndable(trx: Trx, version: number): Promise<void> {
  if (version >= (await selectNewest(trx))) throw refusal("conflict", "new cards carry this version");
  const cards = await countCarrying(trx, version);
  if (cards > 0) throw refusal("conflict", `${cards} cards still carry version ${version}`);
  if (!(await isVersionAlive(trx, version))) {
    throw new CommunityError("not-found", `card key version ${version} is not alive`);
  }
}

/** Starts the next version for all cards; throws as {@link demandStartable}. Returns it. */
export async function beginNewVersion(scope: ChangeScope, service: KeyService): Promise<number> {
  await demandStartable(scope.trx);
  return begin(scope, service, undefined);
}

/**
 * Starts the next version, for one door group's cards if one is named; returns it. Throws `conflict` after the last.
 * Under `lockVersions`.
 */
export async function begin(
  scope: ChangeScope,
  service: KeyService,
  doorGroup: number | undefined,
): Promise<number> {
  const { trx, at } = scope;
  const before = await selectNewest(trx);
  demandNext(before);
  const version = before + 1;
  await beginVersion(trx, service, version, at);
  await insertVersion(trx, version, doorGroup, at);
  await announceVersion(trx, version, doorGroup, await scope.touch("credentials"));
  await scope.record({
    action: "card-keys.version-started",
    entity: "card-keys",
    entityId: String(version),
    before: { version: before },
    after: { version, ...(doorGroup === undefined ? {} : { doorGroup }) },
  });
  return version;
}

/** Ends a version; throws as {@link demandEndable}. Its masters are destroyed after the commit, by the caller. */
export async function endOldVersion(scope: ChangeScope, version: number): Promise<void> {
  const { trx, at } = scope;
  await demandEndable(trx, version);
  await updateEnded(trx, version, at);
  await forgetUnused(trx, await scope.touch("credentials"));
  await scope.record({
    action: "card-keys.version-ended",
    entity: "card-keys",
    entityId: String(version),
  });
}
