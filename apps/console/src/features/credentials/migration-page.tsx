import "./texts/index.ts";
import "./cards.css";
import { GRADES, type Grade } from "@menshen/domain";
import { GradeMark, StateMark } from "@menshen/ui";
import { cardMigrationEndpoints, type GradeCounts, type MigrationReport } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import type { TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { DayText } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Loading } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";

type Building = MigrationReport["buildings"][number];

/** How far each building is on its way from cards that anybody can copy. Counts alone: nobody is named here. */
export function MigrationPage() {
  const { t } = useTranslation("cards");
  const report = useQuery({
    queryKey: [cardMigrationEndpoints.report.id],
    queryFn: ({ signal }) => call(cardMigrationEndpoints.report, { signal }),
  });
  const head = (
    <PageHead
      title={t("migration.title")}
      lead={t("migration.lead")}
      action={<Link to="/credentials">{t("import.back")}</Link>}
    />
  );
  if (report.isPending) return <Loading />;
  if (report.isError) {
    return (
      <>
        {head}
        <Failed error={report.error} onRetry={() => void report.refetch()} />
      </>
    );
  }
  return (
    <>
      {head}
      <Report report={report.data} />
    </>
  );
}

function Report({ report }: { report: MigrationReport }) {
  const { t } = useTranslation("cards");
  const columns: TableColumnsType<Building> = [
    {
      key: "building",
      title: t("migration.building"),
      render: (_, { buildingName }) => <strong>{buildingName ?? t("migration.noBuilding")}</strong>,
    },
    {
      key: "share",
      title: t("migration.share"),
      render: (_, { grades }) => <GradeBar grades={grades} />,
    },
    {
      key: "visit",
      title: t("migration.toVisit"),
      align: "right",
      render: (_, { buildingId, toVisit }) =>
        toVisit === 0 ? (
          <StateMark tone="granted">{t("migration.done")}</StateMark>
        ) : (
          <>
            {t("migration.people", { count: toVisit })}{" "}
            <Link to={`/credentials/to-visit${buildingId === undefined ? "" : `?building=${buildingId}`}`}>
              {t("migration.list")}
            </Link>
          </>
        ),
    },
  ];
  const ends = [
    { count: report.ending.within7, days: 7 },
    { count: report.ending.within30, days: 30 },
    { count: report.ending.within60, days: 60 },
  ].filter(({ count }) => count > 0);
  return (
    <>
      <section className="section" aria-labelledby="grades-now">
        <h2 id="grades-now">{t("migration.now")}</h2>
        <GradeBar grades={report.grades} />
        <GradeLegend grades={report.grades} />
        <p>
          {t("migration.old")}{" "}
          <strong>
            <DayText epochMs={report.legacyUntil} />
          </strong>
        </p>
        {ends.map(({ count, days }) => (
          <p key={days}>
            <StateMark tone="refused">{t("migration.ending", { count, days })}</StateMark>
          </p>
        ))}
      </section>
      <PagedTable
        read={{
          items: report.buildings,
          isPending: false,
          isError: false,
          error: undefined,
          refetch: async () => undefined,
          hasNextPage: false,
          isFetchingNextPage: false,
          fetchNextPage: async () => undefined,
        }}
        label={t("migration.title")}
        rowKey={({ buildingId }) => buildingId ?? "none"}
        columns={columns}
        empty={<Empty title={t("migration.none")} />}
      />
      <section className="section" aria-labelledby="grades-before">
        <h2 id="grades-before">{t("migration.progress")}</h2>
        <ul className="plain-list">
          {sinceThereAre(report.progress).map(({ at, grades }) => (
            <li key={at}>
              <span className="import-counts">
                <DayText epochMs={at} />
              </span>
              <GradeBar grades={grades} />
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function totalOf(grades: GradeCounts): number {
  return GRADES.reduce((sum, grade) => sum + grades[grade], 0);
}

/** Without the months before the community had any. */
function sinceThereAre(progress: MigrationReport["progress"]): MigrationReport["progress"] {
  const first = progress.findIndex(({ grades }) => totalOf(grades) > 0);
  return first < 0 ? [] : progress.slice(first);
}

/** The share of each grade, best first, told in words to whoever does not see it. */
function GradeBar({ grades }: { grades: GradeCounts }) {
  const { t } = useTranslation("cards");
  const total = totalOf(grades);
  const there = GRADES.filter((grade) => grades[grade] > 0);
  const words = there.map((grade) => t("migration.gradeCount", { grade, count: grades[grade] })).join(", ");
  if (total === 0) return <span className="quiet">{t("migration.none")}</span>;
  return (
    <span className="grade-bar" role="img" aria-label={words} title={words}>
      {there.map((grade) => (
        <span key={grade} className={`grade-bar__${grade}`} style={{ flexGrow: grades[grade], flexBasis: 0 }}>
          {grade} {grades[grade]}
        </span>
      ))}
    </span>
  );
}

function GradeLegend({ grades }: { grades: GradeCounts }) {
  const { t } = useTranslation();
  return (
    <ul className="grade-legend">
      {GRADES.filter((grade: Grade) => grades[grade] > 0).map((grade) => (
        <li key={grade}>
          <GradeMark grade={grade} label={t(`grade.of.${grade}`)} /> {t(`grade.of.${grade}`)}: {grades[grade]}
        </li>
      ))}
    </ul>
  );
}
