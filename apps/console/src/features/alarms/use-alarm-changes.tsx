import { formatClock } from "@menshen/ui";
import { type Alarm, type AlarmFinding, alarmEndpoints } from "@menshen/wire";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange, useRefresh } from "../../api/records.tsx";
import { useMomentFormat } from "../../components/moments.tsx";
import { useAlarmPlace } from "./alarm-place.ts";

/** What a guard does about one alarm. Whoever comes second is told who was first, and sees how it stands. */
export function useAlarmChanges(alarm: Alarm) {
  const { t } = useTranslation("alarms");
  const { t: common } = useTranslation();
  const format = useMomentFormat();
  const refresh = useRefresh();
  const { notification } = App.useApp();
  const place = useAlarmPlace()(alarm);
  const { id, revision } = alarm;
  const params = { id };

  const refusedText = (error: unknown) => {
    const first = error instanceof ApiError ? error.problem?.first : undefined;
    if (first === undefined) return undefined;
    void refresh();
    return t("first", {
      name: first.staffName,
      time: formatClock(first.at, format),
      state: t(`state.${first.state}`),
    });
  };
  const reopen = useChange(
    (closed: Alarm) => call(alarmEndpoints.reopen, { params, body: { revision: closed.revision } }),
    { refusedText, doneText: t("reopened") },
  );
  const acknowledge = useChange(() => call(alarmEndpoints.acknowledge, { params, body: { revision } }), {
    refusedText,
    doneText: t("acknowledgedNow"),
  });
  const assign = useChange(
    (staffId: string | undefined) =>
      call(alarmEndpoints.assign, {
        params,
        body: staffId === undefined ? { revision } : { revision, staffId },
      }),
    { refusedText },
  );
  const close = useChange(
    (finding: AlarmFinding) => call(alarmEndpoints.close, { params, body: { revision, finding } }),
    {
      refusedText,
      doneText: t("closedNow"),
      onDone: (closed) =>
        notification.open({
          key: id,
          title: t("closedOne", { what: t(`kind.${alarm.kind}`), place }),
          duration: 10,
          actions: (
            <Button
              onClick={() => {
                notification.destroy(id);
                reopen.mutate(closed);
              }}
            >
              {common("common.undo")}
            </Button>
          ),
        }),
    },
  );
  return { acknowledge, assign, close };
}
