import { randomUUID } from "node:crypto";
import { canonicalJson, missingVendorFields } from "@menshen/domain";
import type { BodyOf, Vendor, VendorPageFields, vendorEndpoints } from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { selectLocalDate } from "../../database/local-date.ts";
import { demandFresh, found, optional } from "../../database/records.ts";
import { digest, hasRoll, passedMotion } from "../votes/index.ts";
import {
  insertVendor,
  insertVersion,
  lockVendor,
  selectMotionsUsed,
  selectVendors,
  selectVersions,
} from "./vendors.store.ts";

export type VendorsService = ReturnType<typeof makeVendorsService>;

/** Whoever sells or maintains the devices, with all that residents may know of them (PIPL 21; Civil Code 943). */
export function makeVendorsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
}) {
  const { db, clock, change } = dependencies;

  async function write(
    { trx, at, leaf, record }: ChangeScope,
    author: StaffAuthor,
    vendorId: string,
    revision: number,
    given: VendorPageFields,
  ): Promise<void> {
    const page = { ...given, name: given.name.trim() };
    const sha256 = digest(canonicalJson(page));
    const missing = missingVendorFields(page, await selectLocalDate(trx, at));
    // The fingerprint alone: a page may name persons, and the log keeps what it is given.
    const leafId = await leaf({
      topic: "vendor-page-written",
      subject: { kind: "community" },
      statement: { vendorId, revision, sha256, missing },
      public: true,
    });
    await insertVersion(trx, {
      vendorId,
      revision,
      page,
      sha256,
      at,
      staffId: author.actor.staffId,
      leafId,
    });
    await record({
      action: "vendor.page-written",
      entity: "vendor",
      entityId: vendorId,
      after: { revision, sha256, missing: missing.join(" ") },
    });
  }

  return {
    /** For anybody. */
    list: () => readVendors(db, clock.now()),

    /** Gates that stand here though the page of their vendor lacks something by now. */
    async countIncomplete(): Promise<number> {
      const vendors = await readVendors(db, clock.now());
      return vendors
        .filter(({ missing }) => missing.length > 0)
        .reduce((sum, { gateNames }) => sum + gateNames.length, 0);
    },

    async create(author: StaffAuthor, page: VendorPageFields): Promise<Vendor> {
      authorise(author.actor, "vendor-pages.write");
      return change(author, async (scope) => {
        const id = randomUUID();
        const { trx, at } = scope;
        await insertVendor(trx, { id, at, beforeRoll: !(await hasRoll(trx)) });
        await write(scope, author, id, 1, page);
        return found(
          (await readVendors(trx, at)).find((vendor) => vendor.id === id),
          "vendor",
        );
      });
    },

    /** Throws `stale-revision`. */
    async update(
      author: StaffAuthor,
      id: string,
      { page, revision }: BodyOf<typeof vendorEndpoints.update>,
    ): Promise<Vendor> {
      authorise(author.actor, "vendor-pages.write");
      return change(author, async (scope) => {
        demandFresh(found(await lockVendor(scope.trx, id), "vendor"), revision);
        await write(scope, author, id, revision + 1, page);
        return found(
          (await readVendors(scope.trx, scope.at)).find((vendor) => vendor.id === id),
          "vendor",
        );
      });
    },
  };
}

/** All vendors with their pages, what is missing, and all that they said before. */
export async function readVendors(db: Reader, now: number): Promise<Vendor[]> {
  const today = await selectLocalDate(db, now);
  const versions = await selectVersions(db);
  const votes = await hasRoll(db);
  const used = await selectMotionsUsed(db);
  const vendors: Vendor[] = [];
  for (const { id, revision, beforeRoll, gateNames, leaving } of await selectVendors(db)) {
    const [newest, ...before] = versions.filter(({ vendorId }) => vendorId === id);
    if (newest === undefined) continue;
    const motionId = used.get(id) ?? (await passedMotion(db, "new-vendor", id));
    vendors.push({
      id,
      revision,
      page: newest.page,
      missing: [...missingVendorFields(newest.page, today)],
      ...optional("motionId", motionId),
      needsMotion: votes && !beforeRoll && motionId === undefined,
      ...optional("leaving", leaving),
      gateNames: [...gateNames],
      history: [newest, ...before].map((version) => ({
        revision: version.revision,
        at: version.at,
        page: version.page,
        sha256: version.sha256,
        ...optional("leafIndex", version.leafIndex),
      })),
    });
  }
  return vendors;
}
