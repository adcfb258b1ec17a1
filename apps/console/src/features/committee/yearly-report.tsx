import { type EvidenceTopic, evidenceEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import "../evidence/texts/index.ts";
import { call } from "../../api/client.ts";
import { useSignedIn } from "../../api/session.tsx";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { Failed } from "../../components/page-states.tsx";

const PAGE = 500;
const YEARS = 5;

/** Counts of a year's public statements, from the log itself: what anybody can count again. */
export function YearlyReport() {
  const { t: text } = useTranslation("votes");
  const { t: topics } = useTranslation("evidence");
  const { timeZone } = useSignedIn().community;
  const id = useId();
  const [thisYear] = useState(() => new Date().getFullYear());
  const [year, setYear] = useState(thisYear);
  const counts = useQuery({
    queryKey: [evidenceEndpoints.statements.id, "year", year],
    queryFn: () => countYear(year, timeZone),
  });
  return (
    <section className="section" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{text("committee.report")}</h2>
      <p className="quiet">{text("committee.reportHelp")}</p>
      <div className="filters">
        <label htmlFor={`${id}-year`}>{text("committee.year")}</label>
        <Select
          id={`${id}-year`}
          value={year}
          onChange={setYear}
          options={Array.from({ length: YEARS }, (_, back) => ({
            value: thisYear - back,
            label: String(thisYear - back),
          }))}
        />
        <Button onClick={() => print()}>{text("committee.print")}</Button>
        <a href="/public/">{text("committee.ways")}</a>
      </div>
      {counts.isPending ? <p role="status">{text("committee.reading")}</p> : null}
      {counts.isError ? <Failed error={counts.error} onRetry={() => void counts.refetch()} /> : null}
      {counts.data === undefined ? null : (
        <table className="ms-thresholds">
          <thead>
            <tr>
              <th scope="col">{text("committee.item")}</th>
              <th scope="col">{text("committee.number")}</th>
            </tr>
          </thead>
          <tbody>
            {[...counts.data].map(([topic, count]) => (
              <tr key={topic}>
                <th scope="row">{topics(`topic.${topic}`)}</th>
                <td>{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

async function countYear(year: number, timeZone: string): Promise<ReadonlyMap<EvidenceTopic, number>> {
  const from = localDateTimeToEpochMs(`${year}-01-01T00:00`, timeZone);
  const end = localDateTimeToEpochMs(`${year + 1}-01-01T00:00`, timeZone);
  const counts = new Map<EvidenceTopic, number>();
  let cursor: string | undefined;
  do {
    const page = await call(evidenceEndpoints.statements, {
      query: {
        limit: PAGE,
        ...(from === undefined ? {} : { from }),
        ...(end === undefined ? {} : { until: end - 1 }),
        ...(cursor === undefined ? {} : { cursor }),
      },
    });
    for (const { topic } of page.items) counts.set(topic, (counts.get(topic) ?? 0) + 1);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return counts;
}
