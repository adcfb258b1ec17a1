import "./texts/index.ts";
import "./cards.css";
import { GradeMark } from "@menshen/ui";
import { buildingEndpoints, cardMigrationEndpoints, type ToVisit as Visit } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Select, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useViewKey } from "../../api/view-reason.ts";
import { DayText } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";

/** Who still holds a card that anybody can copy, for going from door to door; it prints as a list. */
export function ToVisit() {
  const { t } = useTranslation("cards");
  const { t: text } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const buildingId = search.get("building") ?? undefined;
  const buildings = usePaged(buildingEndpoints.list, { limit: 200 });
  const visits = useQuery({
    queryKey: [cardMigrationEndpoints.toVisit.id, buildingId, useViewKey()],
    queryFn: ({ signal }) =>
      call(cardMigrationEndpoints.toVisit, {
        query: buildingId === undefined ? {} : { buildingId },
        signal,
      }),
  });
  const columns: TableColumnsType<Visit> = [
    {
      key: "home",
      title: t("migration.home"),
      render: (_, { buildingName, dwellingName, personName }) => (
        <>
          {[buildingName, dwellingName].filter(Boolean).join(" ")} <strong>{personName}</strong>
        </>
      ),
    },
    {
      key: "cards",
      title: t("migration.cards"),
      render: (_, { credentials }) =>
        credentials.map(({ id, kind, label, grade, until }) => (
          <div key={id}>
            {text(`credentialKind.${kind}`)} …{label}{" "}
            <GradeMark grade={grade} label={text(`grade.of.${grade}`)} />{" "}
            {until === undefined ? null : (
              <span className="quiet">
                {t("life.until")} <DayText epochMs={until} />
              </span>
            )}
          </div>
        )),
    },
    {
      key: "better",
      title: t("migration.note"),
      render: (_, { hasBetter }) => (
        <>
          {t(hasBetter ? "migration.hasBetter" : "migration.needsBetter")} <span className="note-line" />
        </>
      ),
    },
  ];
  return (
    <>
      <PageHead
        title={t("migration.visitTitle")}
        lead={t("migration.visitLead")}
        action={
          <span className="actions">
            <Link to="/credentials/migration">{t("migration.title")}</Link>
            <Button onClick={() => window.print()}>{t("migration.print")}</Button>
          </span>
        }
      />
      <search className="filters">
        <Select<string>
          aria-label={t("migration.building")}
          placeholder={t("migration.anyBuilding")}
          allowClear
          value={buildingId ?? null}
          onChange={(value?: string) => setSearch(value === undefined ? {} : { building: value })}
          options={buildings.items.map(({ id, name }) => ({ value: id, label: name }))}
        />
      </search>
      <PagedTable
        read={{
          items: visits.data?.items ?? [],
          isPending: visits.isPending,
          isError: visits.isError,
          error: visits.error,
          refetch: visits.refetch,
          hasNextPage: false,
          isFetchingNextPage: false,
          fetchNextPage: visits.refetch,
        }}
        label={t("migration.visitTitle")}
        rowKey={({ personId, credentials }) => `${personId} ${credentials[0]?.id}`}
        columns={columns}
        empty={<Empty title={t("migration.nobody")} />}
      />
    </>
  );
}
