import { StateMark } from "@menshen/ui";
import { type Alarm, alarmEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { RelativeMoment } from "../../components/moments.tsx";
import { useAlarmPlace } from "./alarm-place.ts";
import { CloseForm } from "./close-form.tsx";
import { useAlarmChanges } from "./use-alarm-changes.tsx";

/** One alarm: what, where, since when; what to do about it; who has it, and what this person may do next. */
export function AlarmItem(props: {
  alarm: Alarm;
  instruction: string | undefined;
  onOpenDoor?: (portalId: string) => void;
}) {
  const { t } = useTranslation("alarms");
  const may = useMay("alarms.handle");
  const place = useAlarmPlace();
  const { alarm, onOpenDoor } = props;
  const { portalId } = alarm;
  return (
    <li className={`alarm alarm--${alarm.state}`}>
      <p className="alarm__head">
        <StateMark tone={alarm.rank <= 3 ? "alarm" : "refused"}>{t(`kind.${alarm.kind}`)}</StateMark>
        {portalId === undefined || onOpenDoor === undefined ? (
          <strong>{place(alarm)}</strong>
        ) : (
          <button type="button" className="link-button alarm__place" onClick={() => onOpenDoor(portalId)}>
            {place(alarm)}
          </button>
        )}
        <RelativeMoment epochMs={alarm.lastAt} />
      </p>
      <p className="alarm__facts">
        <span>{t(`danger.${alarm.rank}`)}</span>
        {alarm.count === 1 ? null : <span>{t("times", { count: alarm.count })}</span>}
        <span>{alarm.endedAt === undefined ? t("lasts") : t("ended")}</span>
        {alarm.late ? <span>{t("late")}</span> : null}
        {alarm.acknowledged === undefined ? null : (
          <span>{t("acknowledgedBy", { name: alarm.acknowledged.staffName })}</span>
        )}
        {alarm.assigned === undefined ? null : (
          <span>{t("assignedTo", { name: alarm.assigned.staffName })}</span>
        )}
      </p>
      {props.instruction === undefined ? null : <p className="alarm__instruction">{props.instruction}</p>}
      {may ? <Actions alarm={alarm} /> : null}
    </li>
  );
}

function Actions({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation("alarms");
  const place = useAlarmPlace();
  const { acknowledge, assign, close } = useAlarmChanges(alarm);
  const [asked, setAsked] = useState<"assign" | "close">();
  const about = `${t(`kind.${alarm.kind}`)}, ${place(alarm)}`;
  if (asked === "close") {
    return (
      <CloseForm
        isPending={close.isPending}
        onClose={(finding) => close.mutate(finding)}
        onCancel={() => setAsked(undefined)}
      />
    );
  }
  if (asked === "assign") {
    return (
      <AssignForm
        assigned={alarm.assigned?.staffId}
        onAssign={(staffId) => {
          setAsked(undefined);
          assign.mutate(staffId);
        }}
        onCancel={() => setAsked(undefined)}
      />
    );
  }
  return (
    <span className="actions">
      {alarm.state === "open" ? (
        <Button
          type={alarm.rank <= 3 ? "primary" : "default"}
          size="large"
          aria-label={`${t("acknowledge")}: ${about}`}
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate(undefined)}
        >
          {t("acknowledge")}
        </Button>
      ) : (
        <Button size="large" aria-label={`${t("close")}: ${about}`} onClick={() => setAsked("close")}>
          {t("close")}
        </Button>
      )}
      <Button
        size="large"
        type="text"
        aria-label={`${t("assign")}: ${about}`}
        onClick={() => setAsked("assign")}
      >
        {t("assign")}
      </Button>
    </span>
  );
}

function AssignForm(props: {
  assigned: string | undefined;
  onAssign: (staffId: string | undefined) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation("alarms");
  const { t: common } = useTranslation();
  const { staffId: own } = useSignedIn();
  const read = useQuery({
    queryKey: [alarmEndpoints.assignees.id],
    queryFn: ({ signal }) => call(alarmEndpoints.assignees, { signal }),
  });
  return (
    <span className="actions">
      <Select
        aria-label={t("assign")}
        autoFocus
        className="alarm__assignee"
        value={props.assigned ?? null}
        placeholder={t("whom")}
        loading={read.isPending}
        onChange={(staffId: string) => props.onAssign(staffId)}
        options={(read.data?.items ?? []).map(({ onDuty, staffId, staffName }) => ({
          value: staffId,
          label: `${staffName}${staffId === own ? ` · ${t("me")}` : ""}${onDuty ? ` · ${t("onDuty")}` : ""}`,
        }))}
      />
      {props.assigned === undefined ? null : (
        <Button onClick={() => props.onAssign(undefined)}>{t("unassign")}</Button>
      )}
      <Button onClick={props.onCancel}>{common("common.cancel")}</Button>
    </span>
  );
}
