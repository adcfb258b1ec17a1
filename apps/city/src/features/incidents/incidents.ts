import { weekOf } from "@menshen/service-kit/city-link";
import {
  CITY_CHIPS,
  CITY_FINDINGS,
  type CityIncident,
  type CityIncidentDetail,
  type CityPattern,
  cityIncidentEndpoints,
  type LinkIncident,
} from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import { type Database, moment, type Reader, recordAct, type Trx } from "../../database/database.ts";
import { found, refusal } from "../../errors.ts";
import type { Router } from "../../http/router.ts";
import { readPattern } from "./patterns.ts";
import { shown, type Thresholds, threshold } from "./thresholds.ts";

const WEEK_MS = 7 * 86_400_000;
/** A part of a trend. Weeks alone would often be one community's. */
const PART_WEEKS = 4;
const MAX_PARTS = 13;

interface Member {
  readonly community: string;
  readonly reportId: string;
  readonly week: string;
  readonly source: string;
  readonly pattern: string;
}
interface IncidentRow {
  readonly id: string;
  readonly number: number;
  readonly opened_at: number;
  readonly closed_at: number | null;
  readonly finding: string | null;
}

/** What officers see of incidents, and what communities hear of them. */
export function makeIncidents(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly thresholds: Thresholds;
}) {
  const { db, clock, thresholds } = dependencies;

  async function rowsOf(reader: Reader): Promise<readonly IncidentRow[]> {
    return reader
      .selectFrom("incident")
      .select(["id", "number", "opened_at", "closed_at", "finding"])
      .where("merged_into", "is", null)
      .orderBy("number", "desc")
      .execute();
  }

  async function membersOf(reader: Reader, incidentId: string): Promise<readonly Member[]> {
    return reader
      .selectFrom("incident_pattern")
      .innerJoin("report_pattern", "report_pattern.pattern", "incident_pattern.pattern")
      .innerJoin("report", (join) =>
        join
          .onRef("report.community_id", "=", "report_pattern.community_id")
          .onRef("report.id", "=", "report_pattern.report_id"),
      )
      .select(["report.community_id as community", "report.id as reportId"])
      .select(["report.week", "report.source", "report_pattern.pattern"])
      .where("incident_id", "=", incidentId)
      .execute();
  }

  /**
   * INVARIANT: only what enough communities have in common is looked at at all. Where reports were taken back until a
   * pattern is in fewer, it is as if it had never been one.
   */
  function lookAt(members: readonly Member[]) {
    const byPattern = Map.groupBy(members, ({ pattern }) => pattern);
    const common = [...byPattern].filter(
      ([pattern, of]) => communitiesOf(of) >= threshold(pattern, thresholds),
    );
    return { common, members: common.flatMap(([, of]) => of) };
  }

  async function view(reader: Reader, row: IncidentRow): Promise<CityIncidentDetail | undefined> {
    const { common, members } = lookAt(await membersOf(reader, row.id));
    if (members.length === 0) return undefined;
    const names = new Map(
      (await reader.selectFrom("issuer").selectAll().execute()).map(({ code, name }) => [code, name]),
    );
    const patterns = common
      .toSorted(
        ([one, ofOne], [other, ofOther]) =>
          communitiesOf(ofOther) - communitiesOf(ofOne) || (one < other ? -1 : 1),
      )
      .flatMap(([text, of]) => patternView(text, communitiesOf(of), names) ?? []);
    const [leading] = patterns;
    if (leading === undefined) return undefined;
    const finding = CITY_FINDINGS.find((one) => one === row.finding);
    return {
      id: row.id,
      number: row.number,
      openedAt: row.opened_at,
      since: partOf(members.map(({ week }) => week).toSorted()[0] ?? ""),
      ...shown(communitiesOf(members)),
      leading,
      ...(row.closed_at === null ? {} : { closedAt: row.closed_at }),
      ...(finding === undefined ? {} : { finding }),
      patterns,
      isListed: members.some(({ source }) => source === "listing"),
      trend: trendOf(members, clock.now()),
    };
  }

  async function views(): Promise<readonly CityIncidentDetail[]> {
    const all: CityIncidentDetail[] = [];
    for (const row of await rowsOf(db)) {
      const one = await view(db, row);
      if (one !== undefined) all.push(one);
    }
    return all;
  }

  async function one(reader: Reader, id: string): Promise<CityIncidentDetail> {
    const row = (await rowsOf(reader)).find((candidate) => candidate.id === id);
    return found(row === undefined ? undefined : await view(reader, row), "incident");
  }

  const change = (
    id: string,
    officerId: string,
    action: string,
    work: (trx: Trx, at: number) => Promise<void>,
  ) =>
    db.transaction().execute(async (trx) => {
      const at = clock.now();
      await trx.selectFrom("incident").select("id").where("id", "=", id).forUpdate().execute();
      await one(trx, id);
      await work(trx, at);
      await recordAct(trx, { at, officerId, action, entityId: id });
      return one(trx, id);
    });

  return {
    /** Incidents that a community's own reports belong to; of the others it learns how many, from three on. */
    async heardBy(communityId: string): Promise<LinkIncident[]> {
      const heard: LinkIncident[] = [];
      for (const row of await rowsOf(db)) {
        const { members } = lookAt(await membersOf(db, row.id));
        const own = members.filter(({ community }) => community === communityId);
        if (own.length === 0) continue;
        heard.push({
          number: row.number,
          ...shown(communitiesOf(members)),
          since: partOf(members.map(({ week }) => week).toSorted()[0] ?? ""),
          state: row.closed_at === null ? "open" : "closed",
          reportIds: [...new Set(own.map(({ reportId }) => reportId))].toSorted(),
        });
      }
      return heard;
    },

    routes(router: Router): void {
      router.officer(cityIncidentEndpoints.list, async ({ query }) => {
        const wantsClosed = query.state === "closed";
        const items = (await views())
          .filter(({ closedAt }) => (closedAt !== undefined) === wantsClosed)
          .toSorted((a, b) => (b.communities ?? 0) - (a.communities ?? 0) || b.number - a.number);
        return { items: items.map(itemOf), thresholds: { ...thresholds } };
      });
      router.officer(cityIncidentEndpoints.get, ({ params }) => one(db, params.id));
      router.officer(cityIncidentEndpoints.close, ({ officer, params, body }) =>
        change(params.id, officer.officerId, "incident-closed", async (trx, at) => {
          const { numUpdatedRows } = await trx
            .updateTable("incident")
            .set({ closed_at: moment(at), closed_by: officer.officerId, finding: body.finding })
            .where("id", "=", params.id)
            .where("closed_at", "is", null)
            .executeTakeFirst();
          if (numUpdatedRows === 0n) throw refusal("conflict", "this incident is closed");
        }),
      );
      router.officer(cityIncidentEndpoints.reopen, ({ officer, params }) =>
        change(params.id, officer.officerId, "incident-reopened", async (trx) => {
          await trx
            .updateTable("incident")
            .set({ closed_at: null, closed_by: null, finding: null })
            .where("id", "=", params.id)
            .execute();
        }),
      );
    },
  };
}

function communitiesOf(members: readonly Member[]): number {
  return new Set(members.map(({ community }) => community)).size;
}

function itemOf(detail: CityIncidentDetail): CityIncident {
  const { patterns: _patterns, isListed: _listed, trend: _trend, ...item } = detail;
  return item;
}

function patternView(
  text: string,
  communities: number,
  issuers: ReadonlyMap<string, string>,
): CityPattern | undefined {
  const pattern = readPattern(text);
  if (pattern === undefined) return undefined;
  if (pattern.kind === "number") return { kind: "number", ...shown(communities) };
  const chip = CITY_CHIPS.find((one) => one === pattern.chip);
  const known = { kind: pattern.kind, ...(chip === undefined ? {} : { chip }), ...shown(communities) };
  if (pattern.kind === "batch") return { ...known, batchPrefix: pattern.batchPrefix };
  const issuerName = issuers.get(pattern.issuer);
  return {
    ...known,
    issuer: pattern.issuer,
    ...(issuerName === undefined ? {} : { issuerName }),
    ...(pattern.keyVersion === undefined ? {} : { keyVersion: pattern.keyVersion }),
  };
}

/** First Monday of the four weeks that a week is in: the same four weeks for everything. */
function partOf(week: string): string {
  const weeks = Math.floor(Date.parse(`${week}T00:00:00Z`) / WEEK_MS);
  return weekOf((weeks - (weeks % PART_WEEKS)) * WEEK_MS + 4 * 86_400_000);
}

function trendOf(members: readonly Member[], now: number): CityIncidentDetail["trend"] {
  const byPart = Map.groupBy(members, ({ week }) => partOf(week));
  const parts = Array.from({ length: MAX_PARTS }, (_, back) =>
    partOf(weekOf(now - (MAX_PARTS - 1 - back) * PART_WEEKS * WEEK_MS)),
  );
  const first = parts.findIndex((part) => byPart.has(part));
  return parts
    .slice(Math.max(0, first))
    .map((from) => ({ from, ...shown(communitiesOf(byPart.get(from) ?? [])) }));
}
