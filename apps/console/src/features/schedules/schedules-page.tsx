import { clockText } from "@menshen/ui";
import { scheduleEndpoints, type WeekSchedule } from "@menshen/wire";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { usePaged } from "../../api/paged.ts";
import { useRemoval } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Loading } from "../../components/page-states.tsx";
import { Holidays } from "./holidays.tsx";
import { ScheduleEditor } from "./schedule-editor.tsx";

/** A week in one line: days with the same hours together. */
function useWeekSummary() {
  const { t } = useTranslation();
  return (schedule: WeekSchedule): string => {
    const hours = ([1, 2, 3, 4, 5, 6, 7] as const).map((weekday) =>
      schedule.weekly
        .filter((window) => window.weekday === weekday)
        .map((window) => `${clockText(window.startMinute)}–${clockText(window.endMinute)}`)
        .join(t("common.comma")),
    );
    const parts: string[] = [];
    for (let day = 0; day < 7; ) {
      let last = day;
      while (last + 1 < 7 && hours[last + 1] === hours[day]) last++;
      const names = ([1, 2, 3, 4, 5, 6, 7] as const)
        .slice(day, last + 1)
        .map((weekday) => t(`weekday.d${weekday}`));
      const name = names.length === 1 ? names[0] : `${names[0]}–${names.at(-1)}`;
      const text = hours[day] === "" ? t("schedule.closed") : hours[day];
      parts.push(`${name} ${text}`);
      day = last + 1;
    }
    return parts.join(t("common.semicolon"));
  };
}

export default function SchedulesPage() {
  const { t } = useTranslation();
  const mayWrite = useMay("schedules.write");
  const [search, setSearch] = useSearchParams();
  const summary = useWeekSummary();
  const schedules = usePaged(scheduleEndpoints.list, { limit: 500 });
  const remove = useRemoval(scheduleEndpoints);
  const openId = search.get("schedule");
  const isNew = openId === "new";
  const opened = schedules.items.find((schedule) => schedule.id === openId);

  if (schedules.isPending) return <Loading />;
  if (schedules.isError) return <Failed error={schedules.error} onRetry={() => void schedules.refetch()} />;
  return (
    <>
      <PageHead
        title={t("nav.schedules")}
        lead={t("schedule.lead")}
        action={
          mayWrite ? (
            <Button type="primary" onClick={() => setSearch({ schedule: "new" })}>
              {t("schedule.new")}
            </Button>
          ) : null
        }
      />
      {schedules.items.length === 0 && !isNew ? (
        <Empty title={t("schedule.none")}>{t("schedule.noneHelp")}</Empty>
      ) : null}
      <ul className="plain-list">
        {schedules.items.map((schedule) => (
          <li key={schedule.id}>
            <span>
              <button
                type="button"
                className="link-button"
                onClick={() => setSearch({ schedule: schedule.id })}
              >
                <strong>{schedule.name}</strong>
              </button>
              <br />
              <span className="quiet">
                {summary(schedule)} ·{" "}
                {t("schedule.usedBy", { rules: schedule.ruleCount, doors: schedule.portalCount })}
              </span>
            </span>
            {mayWrite && schedule.ruleCount + schedule.portalCount === 0 ? (
              <Button type="text" onClick={() => remove.mutate({ id: schedule.id, name: schedule.name })}>
                {t("common.remove")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {isNew || opened !== undefined ? (
        <ScheduleEditor
          key={`${openId ?? ""}/${opened?.revision ?? 0}`}
          schedule={opened}
          onSaved={(saved) => setSearch({ schedule: saved.id })}
          onCancel={() => setSearch({})}
        />
      ) : null}
      <Holidays />
    </>
  );
}
