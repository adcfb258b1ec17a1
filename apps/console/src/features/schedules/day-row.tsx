import { clockText, endOfClock, minuteOfClock } from "@menshen/ui";
import type { ScheduleWindow } from "@menshen/wire";
import { Button, Input } from "antd";
import { type PointerEvent, type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { DAY_MINUTES, drawnWindow, joinWindows } from "./windows.ts";

const HOURS = [6, 12, 18];

/**
 * One day of a schedule: a bar to draw windows on with the pointer, and the same windows as times to type. Whatever
 * the bar can do, the times can do too, by keyboard alone.
 */
export function DayRow(props: {
  label: string;
  windows: readonly ScheduleWindow[];
  onChange?: (windows: ScheduleWindow[]) => void;
  extra?: ReactNode;
}) {
  const { t } = useTranslation();
  const { windows, onChange } = props;
  const bar = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<{ from: number; to: number }>();

  const placeOf = (event: PointerEvent) => {
    const box = bar.current?.getBoundingClientRect();
    return box === undefined ? 0 : (event.clientX - box.left) / box.width;
  };
  const begin = (event: PointerEvent) => {
    if (onChange === undefined || event.button !== 0) return;
    bar.current?.setPointerCapture(event.pointerId);
    setDrawn({ from: placeOf(event), to: placeOf(event) });
  };
  const end = () => {
    if (drawn === undefined) return;
    onChange?.(joinWindows([...windows, drawnWindow(drawn.from, drawn.to)]));
    setDrawn(undefined);
  };
  const preview = drawn === undefined ? undefined : drawnWindow(drawn.from, drawn.to);

  return (
    <div className="day-row">
      <span className="day-row__label">{props.label}</span>
      <div
        ref={bar}
        className={`day-row__bar${onChange === undefined ? "" : " day-row__bar--open"}`}
        aria-hidden="true"
        onPointerDown={begin}
        onPointerMove={(event) => {
          if (drawn !== undefined) setDrawn({ ...drawn, to: placeOf(event) });
        }}
        onPointerUp={end}
        onPointerCancel={() => setDrawn(undefined)}
      >
        {HOURS.map((hour) => (
          <span key={hour} className="day-row__tick" style={{ left: `${(hour / 24) * 100}%` }} />
        ))}
        {windows.map((window) => (
          <Segment key={window.startMinute} window={window} />
        ))}
        {preview === undefined ? null : <Segment window={preview} isPreview />}
      </div>
      <div className="day-row__times">
        {windows.length === 0 ? <span className="quiet">{t("schedule.closed")}</span> : null}
        {windows.map((window, index) => (
          <WindowTimes
            key={`${window.startMinute}-${window.endMinute}`}
            label={props.label}
            window={window}
            {...(onChange === undefined
              ? {}
              : {
                  onChange: (changed: ScheduleWindow | undefined) => {
                    const others = windows.filter((_, other) => other !== index);
                    onChange(joinWindows(changed === undefined ? others : [...others, changed]));
                  },
                })}
          />
        ))}
        {onChange === undefined ? null : (
          <Button
            size="small"
            onClick={() => onChange(joinWindows([...windows, { startMinute: 480, endMinute: 1_080 }]))}
          >
            {t("schedule.addWindow")}
          </Button>
        )}
        {props.extra}
      </div>
    </div>
  );
}

function Segment(props: { window: ScheduleWindow; isPreview?: boolean }) {
  const { startMinute, endMinute } = props.window;
  return (
    <span
      className={`day-row__segment${props.isPreview === true ? " day-row__segment--preview" : ""}`}
      style={{
        left: `${(startMinute / DAY_MINUTES) * 100}%`,
        width: `${((endMinute - startMinute) / DAY_MINUTES) * 100}%`,
      }}
    />
  );
}

/** Start and end as typed times; a time that is none is shown as wrong and changes nothing. */
function WindowTimes(props: {
  label: string;
  window: ScheduleWindow;
  onChange?: (window: ScheduleWindow | undefined) => void;
}) {
  const { t } = useTranslation();
  const { window, onChange } = props;
  const [start, setStart] = useState(clockText(window.startMinute));
  const [end, setEnd] = useState(clockText(window.endMinute));
  if (onChange === undefined) {
    return (
      <span>
        {clockText(window.startMinute)}–{clockText(window.endMinute)}
      </span>
    );
  }
  const startMinute = minuteOfClock(start);
  const endMinute = endOfClock(end);
  const isRight = startMinute !== undefined && endMinute !== undefined && startMinute < endMinute;
  const commit = () => {
    if (isRight) onChange({ startMinute, endMinute });
  };
  return (
    <span className="window-times">
      <Input
        size="small"
        className="window-times__time"
        aria-label={`${props.label} ${t("common.from")}`}
        {...(isRight ? {} : { status: "error" as const })}
        value={start}
        onChange={(event) => setStart(event.target.value)}
        onBlur={commit}
        onPressEnter={commit}
      />
      –
      <Input
        size="small"
        className="window-times__time"
        aria-label={`${props.label} ${t("common.until")}`}
        {...(isRight ? {} : { status: "error" as const })}
        value={end}
        onChange={(event) => setEnd(event.target.value)}
        onBlur={commit}
        onPressEnter={commit}
      />
      <button
        type="button"
        className="link-button"
        aria-label={`${t("common.remove")} ${props.label} ${start}–${end}`}
        onClick={() => onChange(undefined)}
      >
        ✕
      </button>
    </span>
  );
}
