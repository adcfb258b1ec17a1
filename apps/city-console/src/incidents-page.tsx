import { cityIncidentEndpoints } from "@menshen/wire";
import { useState } from "react";
import { call, useReading } from "./api.ts";
import { onOneLine } from "./day-of.ts";
import { patternText } from "./pattern-text.ts";
import { ReadingState } from "./reading-state.tsx";
import { useTexts } from "./texts.ts";

/** Patterns of copied cards, the widest first. */
export function IncidentsPage() {
  const t = useTexts();
  const [state, setState] = useState<"open" | "closed">("open");
  const reading = useReading(state, () => call(cityIncidentEndpoints.list, { query: { state } }));
  const { items, thresholds } = reading.value ?? {};
  return (
    <>
      <h1>{t.incidents}</h1>
      <p>{t.list.lead}</p>
      <fieldset className="plain-actions city-choice" aria-label={t.incidents}>
        {(["open", "closed"] as const).map((one) => (
          <button
            key={one}
            type="button"
            className="plain-button"
            aria-pressed={state === one}
            onClick={() => setState(one)}
          >
            {t.list[one]}
          </button>
        ))}
      </fieldset>
      <ReadingState reading={reading} />
      {items?.length === 0 && thresholds !== undefined ? (
        <div className="plain-notice">
          <p>
            <strong>{state === "open" ? t.list.none : t.list.noneClosed}</strong>
          </p>
          {state === "open" ? <p>{t.list.noneHelp(thresholds.communities, thresholds.weeks)}</p> : null}
        </div>
      ) : null}
      <ul className="plain-list">
        {items?.map((item) => (
          <li key={item.id} className="city-line">
            <span>
              <a href={`#/incident/${item.id}`}>
                <strong>{patternText(t, item.leading)}</strong>
              </a>
              <br />
              <span className="plain-quiet">
                {t.list.number(item.number)} · {t.list.since(onOneLine(item.since))}
                {item.finding === undefined ? null : ` · ${t.one.finding[item.finding]}`}
              </span>
            </span>
            <span className="city-count">{t.list.communities(item.communities)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
