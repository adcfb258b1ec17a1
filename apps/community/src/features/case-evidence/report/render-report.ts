import type { CaseRecord, EvidenceGate } from "@menshen/custody";
import { communityKeySha256 } from "@menshen/custody";
import type { AccessEntry } from "@menshen/wire";
import { readStoredEntry } from "../../../gate-link/index.ts";
import { CHINESE, ENGLISH, type ReportTexts } from "./report-texts.ts";
import { Sheet } from "./sheet.ts";

const MOST_PPM = 999_000;

export interface ReportFacts {
  readonly record: CaseRecord;
  /** Journal entries in the order of `record.events`. */
  readonly events: readonly Uint8Array[];
  readonly contentSha256: string;
  readonly communityKey: Uint8Array;
  readonly stampedAt?: number;
}

/** The report in plain words, Chinese first, as a PDF. */
export async function renderReport(facts: ReportFacts): Promise<Uint8Array> {
  const { record } = facts;
  const sheet = new Sheet(`${CHINESE.title} / ${ENGLISH.title}`, record.madeAt);
  for (const texts of [CHINESE, ENGLISH]) {
    if (texts === ENGLISH) sheet.newPage();
    writeReport(sheet, texts, facts);
  }
  return sheet.end(`${record.communityName} · ${record.packageId}`);
}

function writeReport(sheet: Sheet, texts: ReportTexts, facts: ReportFacts): void {
  const { record, events } = facts;
  const when = timeIn(record.timeZone);
  const doors = new Map(record.doors.map(({ id, name }) => [id, name]));
  const gates = new Map(record.gates.map(({ id, name }) => [id, name]));
  sheet.title(texts.title);
  sheet.paragraph(texts.lead);

  sheet.heading(texts.facts);
  sheet.fact(texts.fact.community, record.communityName);
  sheet.fact(texts.fact.case, record.case.id);
  sheet.fact(texts.fact.package, record.packageId);
  sheet.fact(texts.fact.madeAt, `${when(record.madeAt)} (${record.timeZone})`);
  sheet.fact(texts.fact.madeBy, record.madeBy);
  sheet.fact(texts.fact.reason, record.reason);
  sheet.fact(texts.fact.card, record.case.kind);
  sheet.fact(texts.fact.opened, when(record.case.openedAt));
  const { finding } = record.case;
  if (finding !== undefined) sheet.fact(texts.fact.finding, texts.findings[finding] ?? finding);

  sheet.heading(texts.signs);
  sheet.paragraph(texts.signsHelp, true);
  for (const sign of record.signs) {
    const said = texts.locale === "en" ? sign.en : sign.zh;
    const inputs = Object.entries(sign.inputs).map(
      ([name, value]) => `${name} = ${doors.get(value) ?? value}`,
    );
    sheet.item(
      [
        `${sign.rule} ${said}`,
        `${when(sign.at)}, ${doors.get(sign.accessPointId) ?? sign.accessPointId}`,
        `${texts.weight} ${(sign.weightHundredths / 100).toFixed(1)}`,
        ...(inputs.length === 0 ? [] : [`${texts.inputs}: ${inputs.join(", ")}`]),
      ].join(" · "),
    );
  }
  sheet.paragraph(
    fill(texts.score, {
      score: (record.case.scoreHundredths / 100).toFixed(1),
      probability: percentOf(record.case.probabilityPpm),
    }),
  );

  sheet.heading(texts.taps);
  sheet.paragraph(texts.tapsHelp, true);
  const { columns } = texts;
  sheet.table(
    [108, 128, 48, 62, 34, 103],
    [columns.time, columns.door, columns.result, columns.counter, columns.half, columns.number],
    record.events.map(({ gateId, sequence, half }, index) => {
      const entry = accessEntry(events[index]);
      return [
        entry === undefined ? "" : when(entry.earliest),
        entry === undefined ? "" : (doors.get(entry.body.accessPointId) ?? ""),
        entry?.body.granted === true ? texts.granted : texts.refused,
        String(entry?.body.evidence?.counter ?? "–"),
        half === undefined ? "" : texts.halves[half],
        `${gates.get(gateId) ?? gateId} · ${sequence}`,
      ];
    }),
  );

  sheet.heading(texts.clocks);
  sheet.paragraph(texts.clocksHelp, true);
  for (const gate of record.gates) {
    sheet.item(clockOf(texts, gate));
    for (const { at, event, stepMs } of gate.clockEvents) {
      if (event !== "clock-stepped") continue;
      const seconds = ((stepMs ?? 0) / 1_000).toFixed(1);
      sheet.paragraph(`    ${fill(texts.stepped, { time: when(at), seconds })}`, true);
    }
  }

  sheet.heading(texts.proves);
  for (const line of texts.provesList) sheet.item(line);
  sheet.heading(texts.provesNot);
  for (const line of texts.provesNotList) sheet.item(line);

  sheet.heading(texts.custody);
  sheet.paragraph(texts.custodyHelp, true);
  for (const { at, what, by, step, reason } of record.custody) {
    const more = [step, reason].filter((one) => one !== undefined).join(", ");
    const done = `${texts.acts[what] ?? what}${more === "" ? "" : ` (${more})`}`;
    sheet.item(`${when(at)} · ${by ?? texts.byServer} · ${done}`);
  }

  sheet.heading(texts.verify);
  for (const line of texts.verifyList) sheet.item(line);
  sheet.fact(texts.content, facts.contentSha256);
  sheet.fact(texts.key, communityKeySha256(facts.communityKey));
  sheet.paragraph(
    facts.stampedAt === undefined ? texts.notStamped : fill(texts.stamped, { time: when(facts.stampedAt) }),
    true,
  );
}

function clockOf(texts: ReportTexts, gate: EvidenceGate): string {
  const { name, software = "–", offsetMs, errorMs, jumps = 0, outOfOrder = 0, duplicates = 0 } = gate;
  if (offsetMs === undefined || errorMs === undefined) return fill(texts.clockUnknown, { name, software });
  return fill(texts.clock, {
    name,
    software,
    offset: (offsetMs / 1_000).toFixed(1),
    error: (errorMs / 1_000).toFixed(1),
    jumps: String(jumps),
    disorder: String(outOfOrder),
    twice: String(duplicates),
  });
}

/** Never "100 %": the rules are statistics. */
function percentOf(ppm: number): string {
  return ppm > MOST_PPM ? `> ${MOST_PPM / 10_000} %` : `${(ppm / 10_000).toFixed(1)} %`;
}

function accessEntry(bytes: Uint8Array | undefined): AccessEntry | undefined {
  const entry = bytes === undefined ? undefined : readStoredEntry(bytes);
  return entry?.kind === "access" ? entry : undefined;
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? "");
}

/** Year to second in a time zone, 24 hours. */
function timeIn(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return (at) => format.format(at);
}
