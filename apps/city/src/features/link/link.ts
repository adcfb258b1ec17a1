import { fromHex, randomBytes, toHex, type VoprfKeys, voprfEvaluate } from "@menshen/crypto/node";
import { hashToken, makeTokenBuckets } from "@menshen/service-kit";
import { weekOf, weeksBefore } from "@menshen/service-kit/city-link";
import { type CityReport, cityLinkEndpoints } from "@menshen/wire";
import { sql } from "kysely";
import type { Clock } from "../../clock.ts";
import { type Database, isDuplicate, moment, recordAct, type Trx } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import type { Router } from "../../http/router.ts";
import { judge, type makeIncidents, patternsOf, type Thresholds } from "../incidents/index.ts";
import { readSignature, takeOnce } from "./find-community.ts";

const DAY_MS = 86_400_000;
/** Older weeks are no news. */
const OLDEST_WEEKS = 104;

/** What communities' servers may ask: numbers evaluated, reports taken, incidents heard. */
export function linkRoutes(
  router: Router,
  dependencies: {
    readonly db: Database;
    readonly clock: Clock;
    readonly city: string;
    readonly keys: VoprfKeys;
    readonly thresholds: Thresholds;
    readonly incidents: ReturnType<typeof makeIncidents>;
  },
): void {
  const { db, clock, keys, thresholds, incidents } = dependencies;
  const { evaluationsADay } = thresholds;
  const attempts = makeTokenBuckets(clock.now, 60, 2_000, (retryAfterSeconds) =>
    refusal("rate-limited", `too many attempts: try again in ${retryAfterSeconds} s`, { retryAfterSeconds }),
  );

  /**
   * Counts evaluations before they are made: whatever happens behind it, none is given away twice. Throws `rate-limited`
   * for more than are left of the day, and counts none of them then.
   */
  async function spend(communityId: string, count: number): Promise<number> {
    const now = clock.now();
    const tooMany = () =>
      refusal(
        "rate-limited",
        `a community asks about at most ${evaluationsADay} numbers a day; the next day begins at 00:00 UTC`,
        { retryAfterSeconds: Math.ceil((DAY_MS - (now % DAY_MS)) / 1_000) },
      );
    if (count > evaluationsADay) throw tooMany();
    const day = new Date(now).toISOString().slice(0, 10);
    const spent = await db
      .insertInto("evaluation_count")
      .values({ community_id: communityId, day, used: count })
      .onConflict((conflict) =>
        conflict
          .columns(["community_id", "day"])
          .doUpdateSet({ used: sql<number>`evaluation_count.used + excluded.used` })
          .where(sql<number>`evaluation_count.used + excluded.used`, "<=", evaluationsADay),
      )
      .returning("used")
      .executeTakeFirst();
    if (spent === undefined) throw tooMany();
    return evaluationsADay - spent.used;
  }

  async function store(trx: Trx, communityId: string, id: string, report: CityReport): Promise<void> {
    const key = { community_id: communityId, id };
    const bytes = (hex: string | undefined) => (hex === undefined ? null : fromHex(hex));
    const values = {
      source: report.source,
      week: report.week,
      chip: report.chip,
      issuer: report.issuer ?? null,
      key_version: report.keyVersion ?? null,
      batch_prefix: bytes(report.batchPrefix),
      number_tag: bytes(report.numberTag),
    };
    await trx
      .insertInto("report")
      .values({ ...key, ...values })
      .onConflict((conflict) => conflict.columns(["community_id", "id"]).doUpdateSet(values))
      .execute();
    await trx
      .deleteFrom("report_pattern")
      .where("community_id", "=", communityId)
      .where("report_id", "=", id)
      .execute();
    for (const pattern of patternsOf(report)) {
      await trx
        .insertInto("report_pattern")
        .values({ community_id: communityId, report_id: id, pattern })
        .execute();
    }
  }

  router.open(cityLinkEndpoints.enrol, async ({ request, body }) => {
    attempts.take(request.ip);
    const signature = readSignature(dependencies, request);
    await takeOnce(dependencies, signature);
    const key = signature.identityKey;
    return db
      .transaction()
      .execute(async (trx) => {
        const at = clock.now();
        const code = await trx
          .deleteFrom("enrolment_code")
          .where("hash", "=", hashToken(body.code))
          .returning(["community_id", "expires_at"])
          .executeTakeFirst();
        if (code === undefined || code.expires_at <= at)
          throw refusal("code-invalid", "this enrolment code is used up, expired or unknown");
        const { name } = await trx
          .updateTable("community")
          .set({ key, enrolled_at: moment(at) })
          .where("id", "=", code.community_id)
          .returning("name")
          .executeTakeFirstOrThrow();
        await recordAct(trx, {
          at,
          officerId: null,
          action: "community-enrolled",
          entityId: code.community_id,
        });
        return { name, evaluationKey: toHex(keys.publicKey), evaluationsADay };
      })
      .catch((error: unknown) => {
        throw isDuplicate(error) ? refusal("conflict", "this key is another community's") : error;
      });
  });

  router.community(cityLinkEndpoints.evaluate, async ({ community, body }) => {
    const blinded = body.blinded.map((one) => fromHex(one));
    const left = await spend(community.communityId, blinded.length);
    const answer = voprfEvaluate(keys, blinded, randomBytes);
    if (answer === undefined) {
      throw refusal(
        "invalid-request",
        "a blinded number is an element of ristretto255 other than the identity",
      );
    }
    return { evaluated: answer.evaluated.map(toHex), proof: toHex(answer.proof), left };
  });

  router.community(cityLinkEndpoints.report, async ({ community, params, body }) => {
    demandSound(body, clock.now());
    await db.transaction().execute(async (trx) => {
      await demandIssuer(trx, body.issuer);
      await store(trx, community.communityId, params.id, body);
      await judge(trx, patternsOf(body), thresholds, clock.now());
    });
    return null;
  });

  router.community(cityLinkEndpoints.withdraw, async ({ community, params }) => {
    await db
      .deleteFrom("report")
      .where("community_id", "=", community.communityId)
      .where("id", "=", params.id)
      .execute();
    return null;
  });

  router.community(cityLinkEndpoints.incidents, async ({ community }) => ({
    items: await incidents.heardBy(community.communityId),
    issuers: await db.selectFrom("issuer").selectAll().orderBy("name").execute(),
  }));
}

/** Throws `invalid-request` for a report that can be compared with none, and for a week that is none or none of now. */
function demandSound(report: CityReport, now: number): void {
  const wrong = (path: string, message: string) =>
    refusal("invalid-request", message, { fields: [{ path: `body/${path}`, message }] });
  if (patternsOf(report).length === 0) {
    throw wrong("", "expected a batch, an issuer or a number's tag: nothing else can be compared");
  }
  const isWeek = weeksBefore(report.week, 0) !== undefined;
  const oldest = weeksBefore(weekOf(now), OLDEST_WEEKS) ?? "";
  // The clocks of community and city may stand on both sides of a Monday.
  if (!isWeek || report.week < oldest || report.week > weekOf(now + DAY_MS)) {
    throw wrong("week", "expected a Monday (UTC) of the last two years");
  }
}

async function demandIssuer(trx: Trx, issuer: string | undefined): Promise<void> {
  if (issuer === undefined) return;
  const known = await trx.selectFrom("issuer").select("code").where("code", "=", issuer).executeTakeFirst();
  if (known !== undefined) return;
  const message = "expected an issuer of the city's list";
  throw refusal("invalid-request", message, { fields: [{ path: "body/issuer", message }] });
}
