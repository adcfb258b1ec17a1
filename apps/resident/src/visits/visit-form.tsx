import {
  clockText,
  endOfTimeField,
  fillText,
  minuteOfClock,
  timeFieldOfEnd,
  usePreferences,
  weekdayName,
} from "@menshen/ui";
import type { ResidentDoor, ResidentDoors } from "@menshen/wire";
import { VISIT_PURPOSES } from "@menshen/wire";
import { useState } from "react";
import type { HeldPhonePass } from "../device/device-store.ts";
import { useTexts } from "../i18n/texts.ts";
import { Problem } from "../layout/notices.tsx";
import { goTo } from "../layout/use-page.ts";
import { signVisit } from "./sign-visit.ts";
import type { Visits } from "./use-visits.ts";
import {
  draftOf,
  problemsOf,
  timesOf,
  VISIT_PRESETS,
  type VisitDraft,
  type VisitLimits,
  type VisitPreset,
} from "./visit-draft.ts";
import { VisitFacts } from "./visit-facts.tsx";

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];
const USES = [1, 2, 3, 5, 10, 20];
const DAY_S = 86_400;

/** Makes a visitor's pass: a preset, what of it is changed, the whole of it in words, and signing. */
export function VisitForm(props: {
  held: HeldPhonePass;
  doors: ResidentDoors;
  timeZone: string;
  first: VisitPreset;
  visits: Visits;
}) {
  const t = useTexts();
  const { held, timeZone, visits } = props;
  const doors = oneEach(props.doors.doors);
  const limits: VisitLimits = {
    doorIds: doors.map(({ portalId }) => portalId),
    longestS: props.doors.visits.longestS,
    timeZone,
  };
  const [now] = useState(Date.now);
  const [preset, setPreset] = useState<VisitPreset>(props.first);
  const [draft, setDraft] = useState(() => draftOf(props.first, now, limits));
  const [label, setLabel] = useState("");
  const [hasFailed, setHasFailed] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const problems = problemsOf(draft, now, limits);

  function choose(next: VisitPreset) {
    setPreset(next);
    setDraft(draftOf(next, now, limits));
  }
  async function sign() {
    setIsBusy(true);
    setHasFailed(false);
    try {
      const visit = await signVisit({ held, draft, label: label.trim(), doors, timeZone, now });
      await visits.add(visit);
      goTo("visitors", visit.passId);
    } catch {
      setHasFailed(true);
      setIsBusy(false);
    }
  }

  const chosen = doors.filter(({ portalId }) => draft.doorIds.includes(portalId)).map(({ name }) => name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void sign();
      }}
    >
      <fieldset className="presets">
        <legend className="ms-visually-hidden">{t.visits.newTitle}</legend>
        {VISIT_PRESETS.map((name) => (
          <label key={name} className="preset">
            <input type="radio" name="preset" checked={preset === name} onChange={() => choose(name)} />
            <span className="preset__name">{t.visits.presets[name]}</span>
            <span className="preset__fact">{presetFact(t.visits.presetFacts[name], name, now, limits)}</span>
          </label>
        ))}
      </fieldset>
      <div className="plain-field">
        <label htmlFor="visit-label">{t.visits.fields.label}</label>
        <input
          id="visit-label"
          value={label}
          maxLength={40}
          placeholder={t.visits.fields.labelPlaceholder}
          onChange={(event) => setLabel(event.target.value)}
        />
      </div>
      <details className="visit-details">
        <summary>{t.visits.fields.details}</summary>
        <Details draft={draft} doors={doors} onChange={setDraft} />
        <p className="plain-quiet">
          {limits.longestS >= DAY_S
            ? fillText(t.visits.limit, { count: Math.floor(limits.longestS / DAY_S) })
            : fillText(t.visits.limitHours, { count: Math.floor(limits.longestS / 3_600) })}
        </p>
      </details>
      {problems.length === 0 ? (
        <section className="visit-summary" aria-label={t.visits.summary}>
          <VisitFacts
            times={timesOf(draft, timeZone)}
            doors={chosen}
            purpose={draft.purpose}
            now={now}
            timeZone={timeZone}
          />
        </section>
      ) : (
        <div role="alert" className="plain-notice plain-notice--due">
          {problems.map((problem) => (
            <p key={problem}>{t.visits.problem[problem]}</p>
          ))}
        </div>
      )}
      {hasFailed ? <Problem code="no-key" /> : null}
      <div className="plain-actions">
        <button
          type="submit"
          className="plain-button plain-button--main"
          disabled={problems.length > 0 || isBusy}
        >
          {t.visits.sign}
        </button>
        <a className="plain-button" href="#/visitors">
          {t.common.cancel}
        </a>
      </div>
    </form>
  );
}

function presetFact(words: string, preset: VisitPreset, now: number, limits: VisitLimits): string {
  const { endMinute } = draftOf(preset, now, limits);
  return fillText(words, { until: clockText(endMinute) });
}

function Details(props: {
  draft: VisitDraft;
  doors: readonly ResidentDoor[];
  onChange: (draft: VisitDraft) => void;
}) {
  const t = useTexts();
  const language = usePreferences().language === "en" ? "en" : "zh-CN";
  const { draft, doors, onChange } = props;
  const change = (part: Partial<VisitDraft>) => onChange({ ...draft, ...part });
  const toggle = <T,>(list: readonly T[], one: T) =>
    list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
  return (
    <>
      <fieldset className="choices">
        <legend>{t.visits.fields.doors}</legend>
        {doors.map(({ portalId, name }) => (
          <label key={portalId} className="choice">
            <input
              type="checkbox"
              checked={draft.doorIds.includes(portalId)}
              onChange={() => change({ doorIds: toggle(draft.doorIds, portalId) })}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <DayAndTime
        title={t.visits.fields.from}
        date={draft.startDate}
        minute={draft.startMinute}
        onChange={(startDate, startMinute) => change({ startDate, startMinute })}
      />
      <DayAndTime
        title={t.visits.fields.until}
        date={draft.endDate}
        minute={draft.endMinute}
        isEnd
        onChange={(endDate, endMinute) => change({ endDate, endMinute })}
      />
      <fieldset className="choices choices--row">
        <legend>{t.visits.fields.weekdays}</legend>
        {WEEKDAYS.map((weekday) => (
          <label key={weekday} className="choice choice--day">
            <input
              type="checkbox"
              checked={draft.weekdays.includes(weekday)}
              onChange={() => change({ weekdays: toggle(draft.weekdays, weekday) })}
            />
            {weekdayName(weekday, language)}
          </label>
        ))}
      </fieldset>
      <Hours draft={draft} onChange={change} />
      <div className="plain-field">
        <label htmlFor="visit-uses">{t.visits.fields.uses}</label>
        <select
          id="visit-uses"
          value={draft.uses ?? ""}
          onChange={({ target }) => change({ uses: target.value === "" ? undefined : Number(target.value) })}
        >
          <option value="">{t.visits.fields.anyUses}</option>
          {USES.map((count) => (
            <option key={count} value={count}>
              {fillText(t.visits.fields.usesCount, { count })}
            </option>
          ))}
        </select>
      </div>
      <div className="plain-field">
        <label htmlFor="visit-purpose">{t.visits.fields.purpose}</label>
        <select
          id="visit-purpose"
          value={draft.purpose}
          onChange={({ target }) => {
            const purpose = VISIT_PURPOSES.find((candidate) => candidate === target.value);
            if (purpose !== undefined) change({ purpose });
          }}
        >
          {VISIT_PURPOSES.map((purpose) => (
            <option key={purpose} value={purpose}>
              {t.visits.purpose[purpose]}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}

function DayAndTime(props: {
  title: string;
  date: string;
  minute: number;
  isEnd?: boolean;
  onChange: (date: string, minute: number) => void;
}) {
  const t = useTexts();
  const { title, date, minute, isEnd, onChange } = props;
  // Beside a date, midnight is the beginning of that day; the day's end is the last minute that the field can hold.
  const read = (text: string) =>
    isEnd === true && minuteOfClock(text) !== 0 ? endOfTimeField(text) : minuteOfClock(text);
  return (
    <fieldset className="day-and-time">
      <legend>{title}</legend>
      <input
        type="date"
        aria-label={t.visits.fields.date}
        value={date}
        onChange={({ target }) => onChange(target.value, minute)}
      />
      <input
        type="time"
        aria-label={t.visits.fields.time}
        value={timeFieldOfEnd(minute)}
        onChange={({ target }) => onChange(date, read(target.value) ?? minute)}
      />
    </fieldset>
  );
}

function Hours(props: { draft: VisitDraft; onChange: (part: Partial<VisitDraft>) => void }) {
  const t = useTexts();
  const { hours } = props.draft;
  const set = (startMinute: number, endMinute: number) =>
    props.onChange({ hours: { startMinute, endMinute } });
  return (
    <>
      <label className="choice">
        <input
          type="checkbox"
          checked={hours !== undefined}
          onChange={() =>
            props.onChange({ hours: hours === undefined ? { startMinute: 540, endMinute: 720 } : undefined })
          }
        />
        {t.visits.fields.limitHours}
      </label>
      {hours === undefined ? null : (
        <fieldset className="day-and-time">
          <legend>{t.visits.fields.hours}</legend>
          <input
            type="time"
            aria-label={t.visits.fields.hoursFrom}
            value={clockText(hours.startMinute)}
            onChange={({ target }) => set(minuteOfClock(target.value) ?? hours.startMinute, hours.endMinute)}
          />
          <input
            type="time"
            aria-label={t.visits.fields.hoursUntil}
            value={timeFieldOfEnd(hours.endMinute)}
            onChange={({ target }) => set(hours.startMinute, endOfTimeField(target.value) ?? hours.endMinute)}
          />
        </fieldset>
      )}
    </>
  );
}

/** A door with several access points is one door. */
function oneEach(doors: readonly ResidentDoor[]): ResidentDoor[] {
  return [...new Map(doors.map((door) => [door.portalId, door])).values()];
}
