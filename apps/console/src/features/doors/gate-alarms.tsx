import { type ChangeReason, type Gate, type GateAlarm, type GateDetail, gateEndpoints } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";

/** Alarms about a gate's records, each cleared with a reason; a journal that contradicts them is accepted or not. */
export function GateAlarms(props: {
  gateId: string;
  alarms: readonly GateAlarm[];
  journal: GateDetail["journal"];
}) {
  const { t } = useTranslation();
  const mayWrite = useMay("gates.write");
  const { gateId } = props;
  const clear = useChange(
    ({ alarmId, reason }: { alarmId: number; reason: ChangeReason }) =>
      call(gateEndpoints.clearAlarm, { params: { id: gateId, alarmId }, reason }),
    { doneText: t("gateAlarm.cleared") },
  );
  const accept = useChange(
    (reason: ChangeReason) => call(gateEndpoints.acceptJournal, { params: { id: gateId }, reason }),
    { doneText: t("gateAlarm.accepted") },
  );
  if (props.alarms.length === 0) return null;
  return (
    <>
      <h3>{t("gateAlarm.title")}</h3>
      <ul className="plain-list">
        {props.alarms.map((alarm) => (
          <li key={alarm.id}>
            <span>
              <strong>{t(`gateAlarm.kind.${alarm.kind}`)}</strong>{" "}
              {alarm.sequence === 0 ? null : t("gateAlarm.from", { sequence: alarm.sequence })}{" "}
              <span className="quiet">
                {t("gateAlarm.times", { count: alarm.times })} · <ExactMoment epochMs={alarm.lastAt} />
              </span>
            </span>
            {mayWrite ? (
              <ReasonButton
                label={t("gateAlarm.clear")}
                isPending={clear.isPending}
                onConfirm={(reason) => clear.mutate({ alarmId: alarm.id, reason })}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {props.journal.forked && mayWrite ? (
        <div className="gate-fork">
          <p>{t("gateAlarm.acceptHelp")}</p>
          <ReasonButton
            label={t("gateAlarm.accept")}
            isPending={accept.isPending}
            onConfirm={accept.mutate}
          />
        </div>
      ) : null}
      {mayWrite ? null : <p className="quiet">{t("gateAlarm.whoMay")}</p>}
    </>
  );
}

/** Disconnects a gate for good: for one that was stolen or replaced. */
export function RevokeGate(props: { gate: Gate }) {
  const { t } = useTranslation();
  const mayWrite = useMay("gates.write");
  const revoke = useChange(
    (reason: ChangeReason) => call(gateEndpoints.revoke, { params: { id: props.gate.id }, reason }),
    { doneText: t("doors.revoked") },
  );
  if (!mayWrite || props.gate.enrolment !== "enrolled") return null;
  return (
    <>
      <h3>{t("doors.revokeTitle")}</h3>
      <p className="quiet">{t("doors.revokeHelp")}</p>
      <ReasonButton
        label={t("doors.revoke")}
        isDangerous
        isPending={revoke.isPending}
        onConfirm={revoke.mutate}
      />
    </>
  );
}
