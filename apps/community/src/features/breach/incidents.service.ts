import { randomUUID } from "node:crypto";
import {
  type Incident,
  type IncidentInput,
  type IncidentLine,
  type IncidentWords,
  type NoticeDraft,
  REPORT_AUTHORITIES,
  type ReportAuthority,
  type ReportSettings,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeAuthor, ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { insertNotice } from "../messages/index.ts";
import { demandNobody } from "../penalties/index.ts";
import { type PlacesOf, selectAffected } from "./affected.store.ts";
import { draftNotices } from "./draft-notices.ts";
import {
  insertAffected,
  insertClock,
  insertIncident,
  keepEvidence,
  lockIncident,
  type StoredIncident,
  selectAffectedIds,
  selectClocks,
  selectDataCounts,
  selectEvidence,
  selectIncident,
  selectIncidents,
  selectReportSettings,
  selectTicking,
  updateClock,
  updateOverride,
  updatePublished,
  updateReportSettings,
  updateTelling,
  updateWords,
} from "./incidents.store.ts";
import { clocksOf, readPublished } from "./published-incidents.ts";
import { countMissedReports, reportFindings } from "./report-alarms.ts";
import { alarmOf, alarmTimes, clocksFor, type StoredClock } from "./report-clocks.ts";

const BY_CLOCK = { actor: undefined, reason: { code: "routine" } } as const;

export type IncidentsService = ReturnType<typeof makeIncidentsService>;

/** Incidents with residents' data: who is affected, whom to tell, and whether it was told in time. */
export function makeIncidentsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly community: () => Promise<{ readonly name: string; readonly timeZone: string }>;
  readonly placesOf: PlacesOf;
}) {
  const { db, clock, change, community, placesOf } = dependencies;

  /** Opens an incident in one transaction: who is affected, the evidence, the clocks. */
  async function open(
    author: ChangeAuthor,
    input: IncidentInput,
    also?: (trx: Trx, id: string) => Promise<void>,
  ): Promise<Incident> {
    const id = randomUUID();
    await change(author, async ({ trx, at, leaf, record }) => {
      const { from, until = at, kind, grade } = input;
      if (from > until || from > at) {
        throw refusal("invalid-request", "expected a beginning that was, before the end", {
          fields: [{ path: "body/from", message: "expected a time before `until` and before now" }],
        });
      }
      const affected = await selectAffected(trx, input.targets, { from, until }, placesOf);
      const staffId = author.actor?.staffId;
      await insertIncident(trx, id, input, { at, staffId, affected: affected.size });
      await insertAffected(trx, id, affected);
      await keepEvidence(trx, id, input.evidence ?? []);
      await also?.(trx, id);
      for (const one of clocksFor(await selectReportSettings(trx), grade, at))
        await insertClock(trx, id, one);
      const evidence = (await selectEvidence(trx, id)).map(({ sha256 }) => sha256);
      await leaf({
        topic: "incident-opened",
        subject: { kind: "community" },
        statement: { incidentId: id, kind, grade, affected: affected.size, evidence },
      });
      await record({ action: "incident.opened", entity: "incident", entityId: id, after: { kind, grade } });
    });
    return view(db, id);
  }

  async function lineOf(reader: Reader, incident: StoredIncident): Promise<IncidentLine> {
    const { id, kind, grade, openedAt, affected, telling, publishedAt } = incident;
    const clocks = [...(await clocksOf(reader, id, clock.now()))];
    return { id, kind, grade, openedAt, affected, clocks, telling, ...optional("publishedAt", publishedAt) };
  }

  async function draftsOf(reader: Reader, incident: StoredIncident): Promise<readonly NoticeDraft[]> {
    const { name, timeZone } = await community();
    const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
    return draftNotices({
      kind: incident.kind,
      community: name,
      openedAt: format.format(incident.openedAt),
      from: format.format(incident.from),
      until: incident.until === undefined ? undefined : format.format(incident.until),
      affected: incident.affected,
      data: await selectDataCounts(reader, incident.id),
      words: incident.words,
    });
  }

  async function view(reader: Reader, id: string): Promise<Incident> {
    const incident = found(await selectIncident(reader, id), "incident");
    const { targets, from, until, words, notTelling, override } = incident;
    return {
      ...(await lineOf(reader, incident)),
      targets: [...targets],
      from,
      ...optional("until", until),
      ...words,
      data: [...(await selectDataCounts(reader, id))],
      drafts: [...(await draftsOf(reader, incident))],
      evidence: await selectEvidence(reader, id),
      ...optional("notTelling", notTelling),
      ...optional("override", override),
    };
  }

  /** Sends the notice to exactly those affected, as a service notice. */
  async function send({ trx, at, record }: ChangeScope, incident: StoredIncident): Promise<void> {
    const draft = (await draftsOf(trx, incident)).find(({ to }) => to === "persons");
    if (draft === undefined) throw new RangeError("there is always a draft for persons");
    const personIds = await selectAffectedIds(trx, incident.id);
    const [title = ""] = draft["zh-CN"].split("\n");
    const noticeId = personIds.length === 0 ? undefined : randomUUID();
    if (noticeId !== undefined) {
      const text = `${draft["zh-CN"]}\n\n${draft.en}`;
      await insertNotice(trx, { id: noticeId, title, text, sentAt: at, sentBy: undefined, personIds });
    }
    await updateTelling(trx, incident.id, { telling: "told", noticeId });
    await record({ action: "incident.told", entity: "incident", entityId: incident.id });
  }

  async function changed(
    author: StaffAuthor,
    id: string,
    work: (scope: ChangeScope, incident: StoredIncident) => Promise<void>,
  ): Promise<Incident> {
    await change(author, async (scope) => work(scope, found(await lockIncident(scope.trx, id), "incident")));
    return view(db, id);
  }

  async function demandComplete(reader: Reader, incident: StoredIncident): Promise<void> {
    const missing = (await draftsOf(reader, incident))[0]?.missing ?? [];
    if (missing.length === 0) return;
    throw refusal("conflict", `the law wants this written first: ${missing.join(", ")}`);
  }

  return {
    /**
     * For detection: opens an incident without a member of staff, e.g. of the kind `mass-cloning`.
     *
     * @param also what is written in the same transaction
     */
    openIncident: (input: IncidentInput, also?: (trx: Trx, id: string) => Promise<void>): Promise<Incident> =>
      open(BY_CLOCK, input, also),

    async open(author: StaffAuthor, input: IncidentInput): Promise<Incident> {
      authorise(author.actor, "incidents.handle");
      return open(author, input);
    },

    async list(actor: Actor) {
      authoriseReading(actor);
      return { items: await Promise.all((await selectIncidents(db)).map((one) => lineOf(db, one))) };
    },

    async get(actor: Actor, id: string): Promise<Incident> {
      authoriseReading(actor);
      return view(db, id);
    },

    /** Throws `conflict` once those affected were told. A higher grade may start further clocks, never stop one. */
    async write(author: StaffAuthor, id: string, words: IncidentWords): Promise<Incident> {
      authorise(author.actor, "incidents.handle");
      return changed(author, id, async ({ trx, record }, incident) => {
        if (incident.telling === "told")
          throw refusal("conflict", "the notice went out; it is not rewritten");
        await updateWords(trx, id, words);
        if (words.grade !== undefined) {
          const settings = await selectReportSettings(trx);
          for (const one of clocksFor(settings, words.grade, incident.openedAt))
            await insertClock(trx, id, one);
        }
        await record({
          action: "incident.written",
          entity: "incident",
          entityId: id,
          after: { items: Object.keys(words) },
        });
      });
    },

    /** Throws `conflict` while an item is missing, and where no such report is due or it was made. */
    async reported(author: StaffAuthor, id: string, authority: ReportAuthority): Promise<Incident> {
      authorise(author.actor, "incidents.handle");
      return changed(author, id, async (scope, incident) => {
        const { trx, at, record } = scope;
        await demandComplete(trx, incident);
        const due = (await selectClocks(trx, id)).find((one) => one.authority === authority);
        if (due === undefined || due.reportedAt !== undefined) {
          throw refusal("conflict", "no such report is due");
        }
        // The clock decides, not when somebody last looked at it.
        await ring(scope, id, due);
        await updateClock(trx, id, authority, { reported_at: at });
        await record({ action: "incident.reported", entity: "incident", entityId: id, after: { authority } });
      });
    },

    /** Throws `conflict` while an item is missing, or if they were told. */
    async tell(author: StaffAuthor, id: string): Promise<Incident> {
      authorise(author.actor, "incidents.handle");
      return changed(author, id, async (scope, incident) => {
        if (incident.telling === "told") throw refusal("conflict", "they were told already");
        await demandComplete(scope.trx, incident);
        await send(scope, incident);
      });
    },

    /** Throws `invalid-request` without a reason; the reason is public, so it must not tell of a person. */
    async skipTelling(author: StaffAuthor, id: string, reason: string): Promise<Incident> {
      authorise(author.actor, "incidents.handle");
      const why = reason.trim();
      if (why.length < 20) throw refusal("invalid-request", "say in a sentence why nobody needs to be told");
      return changed(author, id, async ({ trx, leaf, record }, incident) => {
        if (incident.telling === "told") throw refusal("conflict", "they were told already");
        if (incident.override !== undefined) throw refusal("conflict", "the authority wants them to be told");
        await demandNobody(trx, { why });
        await updateTelling(trx, id, { telling: "not-needed", why });
        await leaf({
          topic: "incident-telling-decided",
          subject: { kind: "community" },
          statement: { incidentId: id, telling: "not-needed", why },
          public: true,
        });
        await record({ action: "incident.not-told", entity: "incident", entityId: id, after: { why } });
      });
    },

    /** The city's officers only. What nobody wrote yet goes out as open: nothing waits for it. */
    async override(
      author: StaffAuthor,
      id: string,
      by: { readonly authority: string; readonly documentNumber: string },
    ): Promise<Incident> {
      authorise(author.actor, "incidents.override");
      if (author.actor.body !== "city") {
        throw refusal("conflict", "only officers of the authority, accounts of the body `city`, decide this");
      }
      return changed(author, id, async (scope, incident) => {
        if (incident.telling === "told") throw refusal("conflict", "they were told already");
        await updateOverride(scope.trx, id, by);
        await scope.leaf({
          topic: "incident-telling-decided",
          subject: { kind: "community" },
          statement: { incidentId: id, telling: "told", ...by },
          public: true,
        });
        await scope.record({
          action: "incident.overridden",
          entity: "incident",
          entityId: id,
          after: { ...by },
        });
        await send(scope, incident);
      });
    },

    /** Throws `conflict` before everything due was done or missed. */
    async publish(author: StaffAuthor, id: string): Promise<Incident> {
      authorise(author.actor, "incidents.handle");
      return changed(author, id, async ({ trx, at, leaf, record }, incident) => {
        const { kind, grade, affected, telling, openedAt } = incident;
        if (incident.publishedAt !== undefined) throw refusal("conflict", "it is published already");
        await demandComplete(trx, incident);
        const clocks = await selectClocks(trx, id);
        if (
          telling === "undecided" ||
          clocks.some((one) => alarmOf(one, at) !== "missed" && !one.reportedAt)
        ) {
          throw refusal(
            "conflict",
            "report it, and tell those affected or say why not, before it is published",
          );
        }
        const { cause = "", remedies = "" } = incident.words;
        await demandNobody(trx, { cause, remedies });
        await updatePublished(trx, id, at);
        await leaf({
          topic: "incident-published",
          subject: { kind: "community" },
          statement: {
            ...{ incidentId: id, kind, grade, affected, telling, openedAt, cause, remedies },
            late: clocks.filter(({ missedAt }) => missedAt !== undefined).map(({ authority }) => authority),
          },
          public: true,
        });
        await record({ action: "incident.published", entity: "incident", entityId: id });
      });
    },

    /** For anybody. */
    published: () => readPublished(db, clock.now()),

    /** Reports that wait, for those who make them. */
    findings: () => reportFindings(db, clock.now()),

    /** Clocks that stand against the community, for anybody. */
    countMissed: (now: number) => countMissedReports(db, now),

    async settings(actor: Actor): Promise<ReportSettings> {
      authorise(actor, "incidents.handle");
      return selectReportSettings(db);
    },

    /** Clocks that run keep their time: nobody escapes one by a setting. */
    async changeSettings(author: StaffAuthor, settings: ReportSettings): Promise<ReportSettings> {
      authorise(author.actor, "incidents.handle");
      if (REPORT_AUTHORITIES.some((one) => settings.items.every(({ authority }) => authority !== one))) {
        throw refusal("invalid-request", "expected each authority once");
      }
      return change(author, async ({ trx, leaf, record }) => {
        const before = await selectReportSettings(trx);
        await updateReportSettings(trx, settings);
        const after = await selectReportSettings(trx);
        for (const [index, item] of after.items.entries()) {
          const earlier = before.items[index];
          if (earlier === undefined || JSON.stringify(earlier) === JSON.stringify(item)) continue;
          const hours = (one: typeof item) => (one.isOn ? one.hours : 0);
          await leaf({
            topic: "settings-changed",
            subject: { kind: "community" },
            statement: {
              setting: `report-hours-${item.authority}`,
              before: hours(earlier),
              after: hours(item),
            },
            public: true,
          });
        }
        await record({
          action: "incident-setting.changed",
          entity: "incident-setting",
          entityId: "incidents",
          before: { items: before.items },
          after: { items: after.items },
        });
        return after;
      });
    },

    /** Rings what is due, and publishes what was missed. */
    async tick(): Promise<void> {
      for (const id of await selectTicking(db)) {
        await change(BY_CLOCK, async (scope) => {
          if ((await lockIncident(scope.trx, id)) === undefined) return;
          for (const one of await selectClocks(scope.trx, id)) {
            if (one.reportedAt === undefined) await ring(scope, id, one);
          }
        });
      }
    },
  };
}

/** Who handles incidents, or may have those affected told. */
function authoriseReading(actor: Actor): void {
  authorise(actor, actor.permissions.has("incidents.override") ? "incidents.override" : "incidents.handle");
}

/** Notes each alarm once, at its time or when somebody first looked behind it. */
async function ring(
  { trx, at, leaf }: Pick<ChangeScope, "trx" | "at" | "leaf">,
  id: string,
  clock: StoredClock,
): Promise<void> {
  const { authority, dueAt } = clock;
  const { halfAt, nearlyAt } = alarmTimes(clock);
  if (at >= halfAt && clock.halfAlarmAt === undefined) {
    await updateClock(trx, id, authority, { half_alarm_at: at });
  }
  if (at >= nearlyAt && clock.nearlyAlarmAt === undefined) {
    await updateClock(trx, id, authority, { nearly_alarm_at: at });
  }
  if (at < dueAt || clock.missedAt !== undefined) return;
  await updateClock(trx, id, authority, { missed_at: at });
  await leaf({
    topic: "incident-report-late",
    subject: { kind: "community" },
    statement: { incidentId: id, authority, dueAt },
    public: true,
  });
}
