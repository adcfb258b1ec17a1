import {
  type ScheduleCreate,
  type ScheduleWindow,
  scheduleEndpoints,
  type WeekSchedule,
} from "@menshen/wire";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { DayRow } from "./day-row.tsx";
import { joinWindows } from "./windows.ts";

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const HOLIDAY_KINDS = ["public", "make-up-workday"] as const;

const blank: ScheduleCreate = { name: "", weekly: [], holidays: [], exceptions: [] };

function inputOf(schedule: WeekSchedule | undefined): ScheduleCreate {
  if (schedule === undefined) return blank;
  const { name, weekly, holidays, exceptions } = schedule;
  return { name, weekly, holidays, exceptions };
}

/** The week, the holidays and single dates of one schedule. Nothing is sent until it is saved. */
export function ScheduleEditor(props: {
  schedule: WeekSchedule | undefined;
  onSaved: (schedule: WeekSchedule) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const mayWrite = useMay("schedules.write");
  const [draft, setDraft] = useState(() => inputOf(props.schedule));
  const [newDate, setNewDate] = useState("");
  const save = useChange(
    (body: ScheduleCreate) => {
      const { schedule } = props;
      return schedule === undefined
        ? call(scheduleEndpoints.create, { body })
        : call(scheduleEndpoints.update, {
            params: { id: schedule.id },
            body: { ...body, revision: schedule.revision },
          });
    },
    { onDone: props.onSaved },
  );

  const windowsOf = (weekday: number): ScheduleWindow[] =>
    draft.weekly
      .filter((window) => window.weekday === weekday)
      .map(({ startMinute, endMinute }) => ({ startMinute, endMinute }));
  const setWeekdays = (weekdays: readonly (typeof WEEKDAYS)[number][], windows: readonly ScheduleWindow[]) =>
    setDraft({
      ...draft,
      weekly: [
        ...draft.weekly.filter((window) => !weekdays.includes(window.weekday)),
        ...weekdays.flatMap((weekday) => joinWindows(windows).map((window) => ({ weekday, ...window }))),
      ],
    });
  const setHoliday = (kind: string, windows: ScheduleWindow[] | undefined) => {
    const others = draft.holidays.filter((holiday) => holiday.kind !== kind);
    setDraft({ ...draft, holidays: windows === undefined ? others : [...others, { kind, windows }] });
  };
  const setException = (date: string, windows: ScheduleWindow[] | undefined) => {
    const others = draft.exceptions.filter((exception) => exception.date !== date);
    const next = windows === undefined ? others : [...others, { date, windows }];
    setDraft({ ...draft, exceptions: next.sort((a, b) => a.date.localeCompare(b.date)) });
  };
  const change = (act: (windows: ScheduleWindow[]) => void) => (mayWrite ? { onChange: act } : {});

  return (
    <section className="schedule-editor">
      <label htmlFor="schedule-name">
        {t("common.name")}
        <Input
          id="schedule-name"
          maxLength={80}
          readOnly={!mayWrite}
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
      </label>
      <h3>{t("schedule.week")}</h3>
      {mayWrite ? <p className="quiet">{t("schedule.drawHelp")}</p> : null}
      <div className="day-scale" aria-hidden="true">
        <span>0</span>
        <span>6</span>
        <span>12</span>
        <span>18</span>
        <span>24</span>
      </div>
      {WEEKDAYS.map((weekday) => (
        <DayRow
          key={weekday}
          label={t(`weekday.d${weekday}`)}
          windows={windowsOf(weekday)}
          {...change((windows) => setWeekdays([weekday], windows))}
          extra={
            mayWrite && weekday === 1 ? (
              <>
                <Button size="small" onClick={() => setWeekdays([2, 3, 4, 5], windowsOf(1))}>
                  {t("schedule.copyToWorkdays")}
                </Button>
                <Button size="small" onClick={() => setWeekdays([2, 3, 4, 5, 6, 7], windowsOf(1))}>
                  {t("schedule.copyToAll")}
                </Button>
              </>
            ) : null
          }
        />
      ))}
      <h3>{t("schedule.holidays")}</h3>
      {HOLIDAY_KINDS.map((kind) => {
        const own = draft.holidays.find((holiday) => holiday.kind === kind);
        return own === undefined ? (
          <div key={kind} className="day-row">
            <span className="day-row__label">{t(`holidayKind.${kind}`)}</span>
            <span className="quiet">{t("schedule.likeTheWeek")}</span>
            {mayWrite ? (
              <Button size="small" onClick={() => setHoliday(kind, [])}>
                {t("schedule.ownHours")}
              </Button>
            ) : null}
          </div>
        ) : (
          <DayRow
            key={kind}
            label={t(`holidayKind.${kind}`)}
            windows={own.windows}
            {...change((windows) => setHoliday(kind, windows))}
            extra={
              mayWrite ? (
                <Button size="small" onClick={() => setHoliday(kind, undefined)}>
                  {t("schedule.likeTheWeek")}
                </Button>
              ) : null
            }
          />
        );
      })}
      <h3>{t("schedule.exceptions")}</h3>
      {draft.exceptions.map((exception) => (
        <DayRow
          key={exception.date}
          label={exception.date}
          windows={exception.windows}
          {...change((windows) => setException(exception.date, windows))}
          extra={
            mayWrite ? (
              <Button size="small" onClick={() => setException(exception.date, undefined)}>
                {t("common.remove")}
              </Button>
            ) : null
          }
        />
      ))}
      {mayWrite ? (
        <>
          <div className="filters">
            <Input
              type="date"
              aria-label={t("schedule.newException")}
              value={newDate}
              onChange={(event) => setNewDate(event.target.value)}
            />
            <Button
              disabled={newDate === "" || draft.exceptions.some((exception) => exception.date === newDate)}
              onClick={() => {
                setException(newDate, []);
                setNewDate("");
              }}
            >
              {t("schedule.addException")}
            </Button>
          </div>
          <div className="actions">
            <Button
              type="primary"
              disabled={draft.name.trim() === ""}
              loading={save.isPending}
              onClick={() => save.mutate({ ...draft, name: draft.name.trim() })}
            >
              {t("common.save")}
            </Button>
            <Button onClick={props.onCancel}>{t("common.cancel")}</Button>
          </div>
        </>
      ) : null}
    </section>
  );
}
