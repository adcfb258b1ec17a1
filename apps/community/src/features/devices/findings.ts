import type { GateAlarmKind, HealthFinding, ServerFindingCode } from "@menshen/wire";
import { DOCUMENT_KINDS } from "@menshen/wire";
import type { Actor } from "../../authority/authorise.ts";
import { optional } from "../../database/records.ts";
import type { GateState } from "../../gate-link/index.ts";
import type { GateRecord } from "./gates.store.ts";

/** A gate's code for a duress PIN that was entered. */
const DURESS = "duress";
/** How codes begin that tell of an incident with residents' data. */
const OF_INCIDENTS = "incident-";
const CLOCK_DOUBT_MS = 15_000;
const DAY_MS = 86_400_000;
const RANK = { fault: 0, warning: 1, notice: 2 } as const;

/** What stands until somebody clears it, as a finding. */
const ALARM_FINDINGS: Readonly<
  Record<GateAlarmKind, readonly [ServerFindingCode, HealthFinding["severity"]]>
> = {
  fork: ["journal-forked", "fault"],
  "bad-batch": ["journal-bad-batch", "fault"],
  unreadable: ["journal-unreadable", "warning"],
  "bad-signature": ["journal-bad-signature", "fault"],
  "server-behind": ["server-behind", "fault"],
  replaced: ["journal-replaced", "warning"],
};

/** What a gate says in its findings too and the rest of its report, or the server itself, says better. */
const SAID_ALREADY: ReadonlySet<string> = new Set([
  "clock-doubtful",
  "journal-degraded",
  "journal-fork",
  "lock-not-answering",
  "reader-not-answering",
  "reader-tampered",
  "reader-power-fault",
  "reader-install-window-open",
  "fire-release-latched",
]);

/** What calls for help unseen: for those who go to the door, and nobody else. Reports: for those who make them. */
export function seenBy(actor: Actor, findings: readonly HealthFinding[]): readonly HealthFinding[] {
  const { permissions } = actor;
  return findings.filter(
    ({ code }) =>
      (code !== DURESS || permissions.has("modes.write")) &&
      (!code.startsWith(OF_INCIDENTS) || permissions.has("incidents.handle")),
  );
}

/** Most severe first, then by gate and subject, so that the list stands still. */
export function sortFindings(findings: readonly HealthFinding[]): HealthFinding[] {
  const text = (finding: HealthFinding) =>
    `${finding.gateName ?? ""} ${finding.subject ?? ""} ${finding.code}`;
  return findings.toSorted(
    (a, b) => RANK[a.severity] - RANK[b.severity] || text(a).localeCompare(text(b), "zh"),
  );
}

/** What someone should look at about one gate: what it reports, and what its silence or its papers say. */
export function findingsOf(
  gate: GateRecord,
  state: GateState,
  names: ReadonlyMap<string, string>,
  now: number,
): HealthFinding[] {
  const common = { gateId: gate.id, gateName: gate.name };
  const about = (id: string, kind: "readerId" | "portalId") => ({
    [kind]: id,
    ...optional("subject", names.get(id)),
  });
  const findings: HealthFinding[] = [];
  const add = (
    code: ServerFindingCode,
    severity: HealthFinding["severity"],
    more: Partial<HealthFinding> = {},
  ) => findings.push({ ...common, code, severity, ...more });

  if (state.enrolment === "new") add("gate-not-enrolled", "notice");
  if (state.enrolment === "revoked") add("gate-revoked", "warning");
  if (state.enrolment === "enrolled" && !state.online) {
    add("gate-offline", "fault", optional("since", state.linkSince ?? state.lastSeenAt));
  }
  for (const kind of new Set(state.alarms.map((alarm) => alarm.kind))) {
    const [code, severity] = ALARM_FINDINGS[kind];
    const alarms = state.alarms.filter((alarm) => alarm.kind === kind);
    add(code, severity, { since: Math.min(...alarms.map(({ firstAt }) => firstAt)) });
  }
  if (state.journal.rereading) add("journal-rereading", "notice");
  if (state.journal.gaps.length > 0)
    add("journal-gap", "warning", { values: { gaps: state.journal.gaps.length } });
  if (state.certificateUntil !== undefined && state.certificateUntil < now + 20 * DAY_MS) {
    add("certificate-ending", "warning", { values: { until: state.certificateUntil } });
  }
  for (const what of DOCUMENT_KINDS) {
    const { error } = state.documents[what];
    if (error !== undefined) add(`${what}-refused`, "fault", { values: { error } });
  }
  // Of a gate that is offline the last report says how it was, which is shown, but not what is wrong now.
  const { status } = state;
  if (status === undefined || !state.online) return findings;

  if (status.journalDegraded) add("journal-degraded", "fault");
  if (status.latest - status.earliest > CLOCK_DOUBT_MS) {
    add("clock-doubtful", "warning", { values: { spreadMs: status.latest - status.earliest } });
  }
  for (const reader of status.readers) {
    const subject = about(reader.readerId, "readerId");
    if (!reader.online) add("reader-offline", "fault", subject);
    if (reader.online && reader.secureChannel === "install") add("reader-install-window", "warning", subject);
    if (reader.tamper) add("reader-tamper", "fault", subject);
    if (reader.powerFault) add("reader-power-fault", "warning", subject);
  }
  for (const portal of status.portals) {
    const subject = about(portal.portalId, "portalId");
    if (portal.lock === "fault") add("lock-not-answering", "fault", subject);
    if (portal.contact === "forced") add("door-forced", "fault", subject);
    if (portal.contact === "held-too-long") add("door-held-too-long", "warning", subject);
    if (portal.fireRelease) add("fire-release", "fault", subject);
  }
  for (const finding of status.findings) {
    if (SAID_ALREADY.has(finding.code)) continue;
    const subject = finding.subject === undefined ? undefined : uuidOf(finding.subject);
    const name = subject === undefined ? undefined : names.get(subject);
    const { code, severity } = finding;
    findings.push({ ...common, code, severity, ...optional("subject", name) });
  }
  return findings;
}

function uuidOf(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 16) return undefined;
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
