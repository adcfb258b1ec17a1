import { fillText, QrCode, StateMark, type StateTone, usePreferences, visitWords } from "@menshen/ui";
import { useEffect, useMemo, useState } from "react";
import { useTexts } from "../i18n/texts.ts";
import { Foot } from "../page-foot.tsx";
import { readVisit, type Visit, type VisitState, visitStateAt } from "./read-visit.ts";

const LOOK_EVERY_MS = 15_000;

const TONES: Readonly<Record<VisitState, StateTone>> = {
  valid: "granted",
  "not-yet": "quiet",
  over: "refused",
  unknown: "quiet",
};

/** The page of a visitor: the pass stands behind `#` in its address, and nothing is asked of any server. */
export function VisitPage() {
  const t = useTexts();
  const [fragment, setFragment] = useState(() => location.hash.slice(1));
  useEffect(() => {
    const read = () => setFragment(location.hash.slice(1));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  const visit = useMemo(() => readVisit(fragment), [fragment]);
  const title = visit === undefined ? t.visit.none : (visit.community ?? t.visit.title);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <div className="plain visit">
      <header className="plain-head">
        <img className="plain-head__seal" src="/public/seal.svg" alt="" />
        <span className="plain-head__name">Menshen 门神</span>
      </header>
      <main id="content">
        <h1>{title}</h1>
        {visit === undefined ? <p>{t.visit.noneHelp}</p> : <Shown visit={visit} />}
      </main>
      <Foot />
    </div>
  );
}

function Shown(props: { visit: Visit }) {
  const t = useTexts();
  const { language } = usePreferences();
  const { visit } = props;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const state = visitStateAt(visit, now);
  const timeZone = visit.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const say = (at: number) =>
    visit.times && visitWords(visit.times, at, language === "en" ? "en" : "zh-CN", timeZone);
  const words = say(now);
  // A paper is read another day: no `today` on it.
  const onPaper = say(0);
  return (
    <>
      <p className="visit__kind">
        {t.visit.kind[visit.kind]}{" "}
        <span className="plain-no-print">
          <StateMark tone={TONES[state]}>{t.visit.state[state]}</StateMark>
        </span>
      </p>
      <QrCode text={visit.text} label={t.visit.codeLabel} />
      <ul className="visit__words">
        {words === undefined ? (
          <li>{t.visit.anyDay}</li>
        ) : (
          <li className="visit__span">
            <span className="plain-no-print">{words.span}</span>
            <span className="plain-only-print">{onPaper?.span}</span>
          </li>
        )}
        {words?.hours === undefined ? null : <li>{words.hours}</li>}
        {words === undefined ? null : <li>{words.uses}</li>}
      </ul>
      {visit.doors.length === 0 ? null : (
        <p className="visit__doors">
          {fillText(t.visit.doors, { doors: visit.doors.join(t.common.separator) })}
        </p>
      )}
      <p className="visit__hint">{t.visit.hint}</p>
      <div className="plain-actions plain-no-print">
        <button type="button" className="plain-button" onClick={() => print()}>
          {t.visit.print}
        </button>
      </div>
      <p className="plain-quiet plain-no-print">{t.visit.honest}</p>
    </>
  );
}
