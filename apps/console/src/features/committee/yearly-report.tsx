import "../evidence/texts/index.ts";
import { areaText } from "@menshen/domain";
import { type EvidenceTopic, evidenceEndpoints, type Motion, type Vendor } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useSignedIn } from "../../api/session.tsx";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { Failed } from "../../components/page-states.tsx";
import { CHAPTERS, chapterOf } from "./report-chapters.ts";

const PAGE = 500;
const YEARS = 5;

/** What owners are told of a year: votes and vendors by name, all else counted from the public log, entry by entry. */
export function YearlyReport(props: { motions: readonly Motion[]; vendors: readonly Vendor[] }) {
  const { t: text } = useTranslation("votes");
  const { timeZone, name } = useSignedIn().community;
  const id = useId();
  const [thisYear] = useState(() => new Date().getFullYear());
  const [madeAt] = useState(() => Date.now());
  const [year, setYear] = useState(thisYear);
  const counts = useQuery({
    queryKey: [evidenceEndpoints.statements.id, "year", year],
    queryFn: () => countYear(year, timeZone),
  });
  const { from, end } = spanOf(year, timeZone);
  const isIn = (at: number | undefined) => at !== undefined && at >= from && at < end;
  const counted = props.motions.filter(({ result }) => isIn(result?.countedAt));
  const total = [...(counts.data?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  return (
    <section className="section report" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{text("committee.reportTitle", { community: name, year })}</h2>
      <p className="quiet">
        {text("committee.reportHelp")} {text("committee.madeAt")} <ExactMoment epochMs={madeAt} />
      </p>
      <div className="filters report__tools">
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
      <Votes motions={counted} />
      <Vendors vendors={props.vendors} />
      {counts.isPending ? <p role="status">{text("committee.reading")}</p> : null}
      {counts.isError ? <Failed error={counts.error} onRetry={() => void counts.refetch()} /> : null}
      {counts.data === undefined ? null : (
        <>
          {CHAPTERS.map((chapter) => (
            <Chapter
              key={chapter}
              title={text(`committee.chapter.${chapter}`)}
              counts={[...counts.data].filter(([topic]) => chapterOf(topic) === chapter)}
            />
          ))}
          <p className="quiet">{text("committee.total", { count: total })}</p>
        </>
      )}
      <p className="report__sign">{text("committee.sign")}</p>
    </section>
  );
}

function Votes(props: { motions: readonly Motion[] }) {
  const { t: text } = useTranslation("votes");
  return (
    <section>
      <h3>{text("committee.chapter.votes")}</h3>
      {props.motions.length === 0 ? <p>{text("committee.noVotes")}</p> : null}
      {props.motions.map(({ id, title, result, secret }) =>
        result === undefined ? null : (
          <p key={id}>
            <strong>{title}</strong>
            <br />
            {text(result.passed ? "passed" : "rejected")}
            {secret === undefined ? null : ` · ${text("secret.label")}`} ·{" "}
            {result.unopened === true
              ? text("secret.unopened")
              : text("committee.voteLine", {
                  voted: result.vote.heads.voted,
                  heads: result.vote.heads.total,
                  inFavour: result.vote.heads.inFavour,
                  area: areaText(result.vote.areaDm2.inFavour),
                  of: areaText(result.vote.areaDm2.voted),
                })}
          </p>
        ),
      )}
    </section>
  );
}

function Vendors(props: { vendors: readonly Vendor[] }) {
  const { t: text } = useTranslation("votes");
  return (
    <section>
      <h3>{text("committee.chapter.vendors")}</h3>
      {props.vendors.length === 0 ? <p>{text("vendors.none")}</p> : null}
      {props.vendors.map(({ id, page, missing }) => (
        <p key={id}>
          <strong>{page.name}</strong>
          <br />
          {page.contract === undefined
            ? text("committee.noContract")
            : text("committee.contractLine", {
                number: page.contract.number,
                until: page.contract.until,
                fees: page.fees ?? text("committee.unsaid"),
              })}
          {missing.length === 0 ? null : ` · ${text("committee.hasGaps")}`}
          <br />
          {(page.incidents ?? []).length === 0
            ? text("committee.noIncidents")
            : (page.incidents ?? []).map(({ on, what }) => `${on} ${what}`).join("; ")}
        </p>
      ))}
    </section>
  );
}

function Chapter(props: { title: string; counts: readonly (readonly [EvidenceTopic, number])[] }) {
  const { t: text } = useTranslation("votes");
  const { t: topics } = useTranslation("evidence");
  const { title, counts } = props;
  return (
    <section>
      <h3>{title}</h3>
      {counts.length === 0 ? (
        <p>{text("committee.nothingPublic")}</p>
      ) : (
        <table className="ms-thresholds">
          <thead>
            <tr>
              <th scope="col">{text("committee.item")}</th>
              <th scope="col">{text("committee.number")}</th>
            </tr>
          </thead>
          <tbody>
            {counts.map(([topic, count]) => (
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

function spanOf(year: number, timeZone: string): { readonly from: number; readonly end: number } {
  return {
    from: localDateTimeToEpochMs(`${year}-01-01T00:00`, timeZone) ?? 0,
    end: localDateTimeToEpochMs(`${year + 1}-01-01T00:00`, timeZone) ?? Number.MAX_SAFE_INTEGER,
  };
}

async function countYear(year: number, timeZone: string): Promise<ReadonlyMap<EvidenceTopic, number>> {
  const { from, end } = spanOf(year, timeZone);
  const counts = new Map<EvidenceTopic, number>();
  let cursor: string | undefined;
  do {
    const page = await call(evidenceEndpoints.statements, {
      query: { limit: PAGE, from, until: end - 1, ...(cursor === undefined ? {} : { cursor }) },
    });
    for (const { topic } of page.items) counts.set(topic, (counts.get(topic) ?? 0) + 1);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return counts;
}
