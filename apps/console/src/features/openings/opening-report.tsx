import { StateMark } from "@menshen/ui";
import { openingEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";

const ROWS = [
  "requests",
  "refusals",
  "expired",
  "answered",
  "entriesOpened",
  "emergencies",
  "reviewed",
  "lateAnswers",
  "holds",
] as const;
const YEARS_SHOWN = 6;

/** Counts of a year beside the recount from the public log. */
export function OpeningReportPage() {
  const { t } = useTranslation("openings");
  const yearId = useId();
  const [thisYear] = useState(() => new Date().getFullYear());
  const [year, setYear] = useState(thisYear);
  const read = useQuery({
    queryKey: [openingEndpoints.report.id, year],
    queryFn: ({ signal }) => call(openingEndpoints.report, { params: { year: String(year) }, signal }),
  });
  return (
    <>
      <Link to="/openings" className="back-link">
        ← {t("back")}
      </Link>
      <PageHead title={t("reportPage.title")} lead={t("reportPage.lead")} />
      <div className="filters">
        <label htmlFor={yearId}>{t("reportPage.year")}</label>
        <Select<number>
          id={yearId}
          value={year}
          onChange={setYear}
          options={Array.from({ length: YEARS_SHOWN }, (_, ago) => ({
            value: thisYear - ago,
            label: String(thisYear - ago),
          }))}
        />
      </div>
      {read.isPending ? (
        <Loading />
      ) : read.isError ? (
        <Failed error={read.error} onRetry={() => void read.refetch()} />
      ) : (
        <>
          <table className="recount">
            <thead>
              <tr>
                <th scope="col">{t("reportPage.what")}</th>
                <th scope="col">{t("reportPage.counted")}</th>
                <th scope="col">{t("reportPage.recounted")}</th>
              </tr>
            </thead>
            <tbody>
              {ROWS.map((row) => (
                <tr key={row}>
                  <th scope="row">{t(`reportPage.rows.${row}`)}</th>
                  <td>{read.data.report[row]}</td>
                  <td>{read.data.recount[row]}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p role="status">
            {read.data.equal ? (
              <StateMark tone="granted">{t("reportPage.equal")}</StateMark>
            ) : (
              <StateMark tone="alarm">{t("reportPage.differ")}</StateMark>
            )}
          </p>
        </>
      )}
    </>
  );
}
