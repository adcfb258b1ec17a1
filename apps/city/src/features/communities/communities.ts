import { randomUUID } from "node:crypto";
import { makeToken } from "@menshen/service-kit";
import { type CityCommunity, cityCommunityEndpoints, cityIssuerEndpoints } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import { type Database, isDuplicate, moment, recordAct, type Trx } from "../../database/database.ts";
import { found, refusal } from "../../errors.ts";
import type { Router, SignedInOfficer } from "../../http/router.ts";

const DAY_MS = 86_400_000;
/** A code is carried to a community's desk. */
const CODE_LIFE_MS = 7 * DAY_MS;

/** Which communities may report, and which issuers they may name. */
export function communityRoutes(
  router: Router,
  { db, clock }: { readonly db: Database; readonly clock: Clock },
): void {
  async function select(trx: Database | Trx, id: string): Promise<CityCommunity> {
    const row = await trx.selectFrom("community").selectAll().where("id", "=", id).executeTakeFirst();
    return communityView(found(row, "community"));
  }

  async function issueCode(trx: Trx, id: string, at: number) {
    const { token, hash } = makeToken();
    const expiresAt = at + CODE_LIFE_MS;
    await trx
      .insertInto("enrolment_code")
      .values({ community_id: id, hash, expires_at: moment(expiresAt) })
      .onConflict((conflict) =>
        conflict.column("community_id").doUpdateSet({ hash, expires_at: moment(expiresAt) }),
      )
      .execute();
    return { code: token, expiresAt };
  }

  /** One act of an officer about one thing, noted with it. */
  const act = <T>(
    officer: SignedInOfficer,
    action: string,
    entityId: string,
    work: (trx: Trx, at: number) => Promise<T>,
  ): Promise<T> =>
    db.transaction().execute(async (trx) => {
      const at = clock.now();
      const result = await work(trx, at);
      await recordAct(trx, { at, officerId: officer.officerId, action, entityId });
      return result;
    });

  router.officer(cityCommunityEndpoints.list, async () => {
    const rows = await db.selectFrom("community").selectAll().orderBy("name").execute();
    return { items: rows.map(communityView) };
  });
  router.officer(cityCommunityEndpoints.add, ({ officer, body }) => {
    const id = randomUUID();
    const name = body.name.trim();
    return act(officer, "community-added", id, async (trx, at) => {
      await trx
        .insertInto("community")
        .values({ id, name, added_at: moment(at), key: null })
        .execute();
      return { community: await select(trx, id), ...(await issueCode(trx, id, at)) };
    }).catch(rethrowTaken("another community has this name"));
  });
  router.officer(cityCommunityEndpoints.renewCode, ({ officer, params }) =>
    act(officer, "community-code-made", params.id, async (trx, at) => {
      const community = await select(trx, params.id);
      if (community.removedAt !== undefined)
        throw refusal("conflict", "this community was removed: restore it first");
      return { community, ...(await issueCode(trx, params.id, at)) };
    }),
  );
  router.officer(cityCommunityEndpoints.remove, ({ officer, params }) =>
    act(officer, "community-removed", params.id, async (trx, at) => {
      await trx
        .updateTable("community")
        .set({ removed_at: moment(at) })
        .where("id", "=", params.id)
        .execute();
      await trx.deleteFrom("enrolment_code").where("community_id", "=", params.id).execute();
      return select(trx, params.id);
    }),
  );
  router.officer(cityCommunityEndpoints.restore, ({ officer, params }) =>
    act(officer, "community-restored", params.id, async (trx) => {
      await trx.updateTable("community").set({ removed_at: null }).where("id", "=", params.id).execute();
      return select(trx, params.id);
    }),
  );
  router.officer(cityIssuerEndpoints.list, async () => ({
    items: await db.selectFrom("issuer").selectAll().orderBy("name").execute(),
  }));
  router.officer(cityIssuerEndpoints.add, ({ officer, body }) =>
    act(officer, "issuer-added", body.code, async (trx) => {
      const issuer = { code: body.code, name: body.name.trim() };
      await trx.insertInto("issuer").values(issuer).execute();
      return issuer;
    }).catch(rethrowTaken("another issuer has this code")),
  );
}

function rethrowTaken(words: string): (error: unknown) => never {
  return (error) => {
    throw isDuplicate(error) ? refusal("conflict", words) : error;
  };
}

function communityView(row: {
  id: string;
  name: string;
  added_at: number;
  enrolled_at: number | null;
  removed_at: number | null;
}): CityCommunity {
  return {
    id: row.id,
    name: row.name,
    addedAt: row.added_at,
    ...(row.enrolled_at === null ? {} : { enrolledAt: row.enrolled_at }),
    ...(row.removed_at === null ? {} : { removedAt: row.removed_at }),
  };
}
