import {
  CITY_FINDINGS,
  type CityFinding,
  type CityIncidentDetail,
  cityIncidentEndpoints,
} from "@menshen/wire";
import { useId, useState } from "react";
import { call, useReading } from "./api.ts";
import { dayOf, onOneLine } from "./day-of.ts";
import { patternText } from "./pattern-text.ts";
import { ReadingState } from "./reading-state.tsx";
import { useTexts } from "./texts.ts";
import { useAct } from "./use-act.ts";

/** One incident: what links it, how many communities, since when, and how it goes on. */
export function IncidentPage(props: { id: string }) {
  const t = useTexts();
  const params = { id: props.id };
  const reading = useReading(props.id, () => call(cityIncidentEndpoints.get, { params }));
  const incident = reading.value;
  return (
    <>
      <p>
        <a href="#/">{t.one.back}</a>
      </p>
      <ReadingState reading={reading} />
      {incident === undefined ? null : (
        <>
          <h1>{patternText(t, incident.leading)}</h1>
          <p>
            <strong>{t.list.communities(incident.communities)}</strong> ·{" "}
            {t.list.since(onOneLine(incident.since))}
            <br />
            <span className="plain-quiet">
              {t.list.number(incident.number)} · {t.one.opened(dayOf(incident.openedAt))}
              {incident.isListed ? ` · ${t.one.listed}` : null}
            </span>
          </p>
          <h2>{t.one.patterns}</h2>
          <ul className="plain-list">
            {incident.patterns.map((pattern) => (
              <li key={JSON.stringify(pattern)} className="city-line">
                <span>{patternText(t, pattern)}</span>
                <span className="city-count">{t.list.communities(pattern.communities)}</span>
              </li>
            ))}
          </ul>
          <Trend incident={incident} />
          <Ending incident={incident} onChanged={reading.again} />
        </>
      )}
    </>
  );
}

function Trend(props: { incident: CityIncidentDetail }) {
  const t = useTexts();
  const { trend } = props.incident;
  const most = Math.max(3, ...trend.map(({ communities }) => communities ?? 0));
  return (
    <>
      <h2 id="trend">{t.one.trend}</h2>
      <table className="city-trend" aria-labelledby="trend">
        <thead>
          <tr>
            <th scope="col">{t.one.from}</th>
            <th scope="col">{t.communities}</th>
          </tr>
        </thead>
        <tbody>
          {trend.map(({ from, communities }) => (
            <tr key={from}>
              <th scope="row">{from}</th>
              <td>
                {communities === undefined || communities === 0 ? null : (
                  <span
                    className="city-bar"
                    aria-hidden="true"
                    style={{ width: `${(communities / most) * 70}%` }}
                  />
                )}
                {communities ?? t.one.few}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Ending(props: { incident: CityIncidentDetail; onChanged: () => void }) {
  const t = useTexts();
  const id = useId();
  const { act, isBusy, fault } = useAct();
  const [finding, setFinding] = useState<CityFinding>();
  const [isAsked, setIsAsked] = useState(false);
  const { incident, onChanged } = props;
  const params = { id: incident.id };
  const isClosed = incident.finding !== undefined;
  return (
    <>
      <h2>{t.one.closedAs}</h2>
      {incident.finding === undefined ? (
        <div className="plain-field">
          <label htmlFor={id}>{t.one.closedAs}</label>
          <select
            id={id}
            value={finding ?? ""}
            aria-describedby={`${id}-fault`}
            onChange={({ target }) => setFinding(CITY_FINDINGS.find((one) => one === target.value))}
          >
            <option value="">{t.one.choose}</option>
            {CITY_FINDINGS.map((one) => (
              <option key={one} value={one}>
                {t.one.finding[one]}
              </option>
            ))}
          </select>
        </div>
      ) : (
        <p>{t.one.finding[incident.finding]}</p>
      )}
      <div className="plain-actions">
        <button
          type="button"
          className={`plain-button${isClosed ? "" : " plain-button--main"}`}
          disabled={isBusy}
          onClick={() => {
            setIsAsked(true);
            if (isClosed) act(() => call(cityIncidentEndpoints.reopen, { params }).then(onChanged));
            else if (finding !== undefined)
              act(() => call(cityIncidentEndpoints.close, { params, body: { finding } }).then(onChanged));
          }}
        >
          {isClosed ? t.one.reopen : t.one.close}
        </button>
      </div>
      <p className="plain-quiet">{t.one.reopensItself}</p>
      <p role="alert" id={`${id}-fault`}>
        {isAsked && !isClosed && finding === undefined ? t.one.chooseFirst : fault}
      </p>
    </>
  );
}
