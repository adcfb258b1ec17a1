import { StateMark } from "@menshen/ui";
import { type OpeningReport, openingEndpoints } from "@menshen/wire";
import { useEffect, useState } from "react";
import { useTexts } from "../i18n/texts.ts";

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
  const [year, setYear] = useState(thisYear);
  const [found, setFound] = useState<YearReport | "none">();
  useEffect(() => {
    let isGone = false;
    setFound(undefined);
    readReport(year).then(
      (report) => {
        if (!isGone) setFound(report ?? "none");
      },
      () => {
        if (!isGone) setFound("none");
      },
    );
    return () => {
      isGone = true;
    };
  }, [year]);
  return (
    <section aria-labelledby="report">
      <h2 id="report">{t.report.title}</h2>
      <div className="filters">
        <div className="plain-field">
          <label htmlFor="report-year">{t.report.year}</label>
          <select id="report-year" value={year} onChange={(event) => setYear(Number(event.target.value))}>
            {[thisYear, thisYear - 1, thisYear - 2].map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        </div>
      </div>
      {found === "none" ? <p>{t.report.none}</p> : null}
      {found === undefined || found === "none" ? null : <Figures found={found} />}
    </section>
  );
}

function Figures(props: { found: YearReport }) {
  const t = useTexts();
  const { report, equal } = props.found;
  return (
    <>
      <table className="counts counts--figures">
        <tbody>
          {Object.entries(report)
            .filter(([name]) => name !== "year")
            .map(([name, count]) => (
              <tr key={name}>
                <th scope="row">{fieldName(t.report.fields, name)}</th>
                <td>{count}</td>
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

function fieldName(names: Readonly<Record<string, string>>, name: string): string {
  return names[name] ?? name;
}

async function readReport(year: number): Promise<YearReport | undefined> {
  const response = await fetch(openingEndpoints.report.path.replace(":year", String(year)));
  return response.ok ? response.json() : undefined;
}
