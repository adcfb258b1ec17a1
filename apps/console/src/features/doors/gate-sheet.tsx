import { StateMark } from "@menshen/ui";
import { gateEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { findingText } from "../../components/finding-text.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { GateAlarms, RevokeGate } from "./gate-alarms.tsx";

const TONES = { fault: "alarm", warning: "refused", notice: "quiet" } as const;

/** What one gate last said of itself, and what it should have. */
export function GateSheet(props: { gateId: string }) {
  const { t } = useTranslation();
  const detail = useQuery({
    queryKey: [gateEndpoints.status.id, props.gateId],
    enabled: props.gateId !== "",
    refetchInterval: 10_000,
    queryFn: ({ signal }) => call(gateEndpoints.status, { params: { id: props.gateId }, signal }),
  });
  if (detail.isPending) return <Loading />;
  if (detail.isError) return <Failed error={detail.error} onRetry={() => void detail.refetch()} />;
  const { gate, alarms, snapshot, stale, journal, readers, findings, clockSpreadMs, softwareVersion } =
    detail.data;
  return (
    <>
      <dl className="facts">
        <dt>{t("doors.link")}</dt>
        <dd>{t(`gate.link.${gate.link}`)}</dd>
        <dt>{t("doors.software")}</dt>
        <dd>{softwareVersion ?? "–"}</dd>
        <dt>{t("doors.rulesVersion")}</dt>
        <dd>
          {snapshot.applied ?? "–"}
          {snapshot.applied === snapshot.desired ? "" : ` → ${snapshot.desired}`}
          {stale ? ` · ${t("doors.rulesBeingMade")}` : ""}
        </dd>
        <dt>{t("doors.journal")}</dt>
        <dd>
          {journal.lastSequence}
          {journal.gaps.length === 0 ? "" : ` · ${t("finding.code.journal-gap")}`}
        </dd>
        <dt>{t("doors.clock")}</dt>
        <dd>{clockSpreadMs === undefined ? "–" : `± ${(clockSpreadMs / 2_000).toFixed(1)} s`}</dd>
        <dt>{t("doors.certificate")}</dt>
        <dd>{gate.certificateUntil === undefined ? "–" : <ExactMoment epochMs={gate.certificateUntil} />}</dd>
      </dl>
      {findings.length === 0 ? null : (
        <>
          <h3>{t("doors.findings")}</h3>
          <ul className="plain-list">
            {findings.map((finding) => (
              <li key={`${finding.code}/${finding.readerId ?? finding.portalId ?? ""}`}>
                <span className="finding">
                  <StateMark tone={TONES[finding.severity]}>
                    {t(`finding.severity.${finding.severity}`)}
                  </StateMark>
                  {finding.subject === undefined ? null : <strong>{finding.subject}</strong>}
                  <span>{findingText(t, finding.code)}</span>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <GateAlarms gateId={gate.id} alarms={alarms} journal={journal} />
      <h3>{t("demo.readers")}</h3>
      {readers.length === 0 ? <p className="quiet">{t("doors.noReaders")}</p> : null}
      <ul className="plain-list">
        {readers.map((reader) => (
          <li key={reader.readerId}>
            <span>{reader.name ?? reader.readerId}</span>
            <StateMark tone={!reader.online ? "offline" : reader.secureChannel ? "granted" : "refused"}>
              {!reader.online
                ? t("event.reader.offline")
                : reader.secureChannel
                  ? t("doors.secureChannel")
                  : t("doors.noSecureChannel")}
            </StateMark>
          </li>
        ))}
      </ul>
      <RevokeGate gate={gate} />
    </>
  );
}
