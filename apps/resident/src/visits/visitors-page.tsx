import { StateMark, usePreferences, visitWords } from "@menshen/ui";
import { useState } from "react";
import { useOwned } from "../device/device-context.tsx";
import type { VisitRecord } from "../device/device-store.ts";
import { useTexts } from "../i18n/texts.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";
import { own } from "../pass/phone-key.ts";
import { useDoors, useHeldPass, usePhonePasses } from "../pass/use-phone-pass.ts";
import { useVisits } from "./use-visits.ts";
import type { VisitPreset } from "./visit-draft.ts";
import { VisitForm } from "./visit-form.tsx";
import { VISIT_TONES, VisitSheet } from "./visit-sheet.tsx";
import { visitState } from "./visit-state.ts";

const FIRST: Readonly<Record<string, VisitPreset>> = { new: "today", delivery: "delivery", weekly: "weekly" };

/** Visitors' passes: those that this device signed, a new one, and each by itself. */
export function VisitorsPage(props: { part: string | undefined }) {
  const t = useTexts();
  const { community } = useOwned();
  const timeZone = community?.timeZone ?? "Asia/Shanghai";
  const doors = useDoors();
  const passes = usePhonePasses();
  const { isReading, held } = useHeldPass();
  const visits = useVisits();
  if (isReading || visits.visits === undefined || (doors.value === undefined && doors.isAsking)) {
    return <Loading />;
  }
  if (held === undefined) return <NeedsPass />;
  const { part } = props;
  const visit = visits.visits.find(({ passId }) => passId === part);
  if (visit !== undefined)
    return <VisitSheet visit={visit} held={held} timeZone={timeZone} visits={visits} />;
  if (doors.value === undefined) return <Problem code={doors.failure ?? "other"} onRetry={doors.again} />;
  if (!doors.value.visits.on) return <p className="plain-notice">{t.visits.off}</p>;
  const first = part === undefined || !Object.hasOwn(FIRST, part) ? undefined : FIRST[part];
  if (first !== undefined) {
    return (
      <VisitForm
        key={first}
        held={held}
        doors={doors.value}
        timeZone={timeZone}
        first={first}
        visits={visits}
      />
    );
  }
  const isWaiting = (own(passes.value ?? [], held)?.log ?? "published") !== "published";
  return (
    <>
      <p className="plain-quiet">{t.visits.lead}</p>
      {isWaiting ? <p className="plain-notice">{t.visits.waiting}</p> : null}
      <div className="plain-actions">
        <a className="plain-button plain-button--main" href="#/visitors/new">
          {t.visits.newOne}
        </a>
        <a className="plain-button" href="#/tokens">
          {t.tokens.title}
        </a>
      </div>
      <h2>{t.visits.list}</h2>
      {visits.visits.length === 0 ? (
        <Nothing title={t.visits.none}>{t.visits.warning}</Nothing>
      ) : (
        <ul className="rights">
          {visits.visits.map((one) => (
            <li key={one.passId}>
              <VisitLine visit={one} timeZone={timeZone} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function VisitLine(props: { visit: VisitRecord; timeZone: string }) {
  const t = useTexts();
  const { language } = usePreferences();
  const { visit } = props;
  const [now] = useState(Date.now);
  const state = visitState(visit, now);
  const words = visitWords(visit, now, language === "en" ? "en" : "zh-CN", props.timeZone);
  const title = visit.label === "" ? t.visits.unnamed : visit.label;
  return (
    <a className="right" href={`#/visitors/${visit.passId}`}>
      <span className="right__title">
        {title} <span className="visit-kind">{t.visits.purpose[visit.purpose]}</span>
      </span>
      <span className="right__fact">
        {words.hours === undefined ? words.span : `${words.span} · ${words.hours}`} · {words.uses}
      </span>
      <span>
        <StateMark tone={VISIT_TONES[state]}>{t.visits.state[state]}</StateMark>
      </span>
    </a>
  );
}

function NeedsPass() {
  const t = useTexts();
  return (
    <>
      <p>{t.visits.lead}</p>
      <p className="plain-notice">{t.visits.needsPassHelp}</p>
      <div className="plain-actions">
        <a className="plain-button plain-button--main" href="#/pass">
          {t.visits.needsPass}
        </a>
      </div>
    </>
  );
}
