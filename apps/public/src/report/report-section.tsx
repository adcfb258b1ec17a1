import { StateMark } from "@menshen/ui";
import { type OpeningReport, openingEndpoints } from "@menshen/wire";
import { useEffect, useState } from "react";
import { useTexts } from "../i18n/texts.ts";

const COUNTS = [
  "requests",
  "refusals",
  "expired",
  "answered",
  "entriesOpened",
  "emergencies",
  "reviewed",
  "lateAnswers",
  "holds",
] as const satisfies readonly (keyof OpeningReport)[];

interface YearReport {
  readonly report: OpeningReport;
  /** Counted again from the public entries. */
  readonly recount: OpeningReport;
  readonly equal: boolean;
}

/** How often records were opened by the law's path in a year, beside a recount. */
export function ReportSection() {
  const t = useTexts();
  const [thisYear] = useState(() => new Date().getFullYear());
  // A new object with each question: the same year can be asked for again.
  const [wanted, setWanted] = useState({ year: thisYear });
  const [found, setFound] = useState<YearReport | "unreachable">();
  useEffect(() => {
    let isGone = false;
    setFound(undefined);
    readReport(wanted.year).then(
      (report) => {
        if (!isGone) setFound(report);
      },
      () => {
        if (!isGone) setFound("unreachable");
      },
    );
    return () => {
      isGone = true;
    };
  }, [wanted]);
  return (
    <section aria-labelledby="report">
      <h2 id="report">{t.report.title}</h2>
      <div className="filters">
        <div className="plain-field">
          <label htmlFor="report-year">{t.report.year}</label>
          <select
            id="report-year"
            value={wanted.year}
            onChange={(event) => setWanted({ year: Number(event.target.value) })}
          >
            {[thisYear, thisYear - 1, thisYear - 2].map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        </div>
      </div>
      {found === undefined ? <p role="status">{t.common.loading}…</p> : null}
      {found === "unreachable" ? (
        <div role="alert">
          <p>{t.report.unreachable}</p>
          <button type="button" className="plain-button" onClick={() => setWanted({ ...wanted })}>
            {t.common.retry}
          </button>
        </div>
      ) : null}
      {found === undefined || found === "unreachable" ? null : <Figures found={found} />}
    </section>
  );
}

function Figures(props: { found: YearReport }) {
  const t = useTexts();
  const { report, recount, equal } = props.found;
  return (
    <>
      <p>{t.report.lead}</p>
      <table className="counts counts--figures">
        <thead>
          <tr>
            <th scope="col">{t.report.what}</th>
            <th scope="col">{t.report.counted}</th>
            <th scope="col">{t.report.recounted}</th>
          </tr>
        </thead>
        <tbody>
          {COUNTS.map((name) => (
            <tr key={name}>
              <th scope="row">{t.report.fields[name]}</th>
              <td>{report[name]}</td>
              <td>{recount[name]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        <StateMark tone={equal ? "granted" : "alarm"}>
          {equal ? t.report.equal : t.report.different}
        </StateMark>
      </p>
    </>
  );
}

async function readReport(year: number): Promise<YearReport> {
  const response = await fetch(openingEndpoints.report.path.replace(":year", String(year)));
  if (!response.ok) throw new Error(`the report was answered with ${response.status}`);
  return response.json();
}
