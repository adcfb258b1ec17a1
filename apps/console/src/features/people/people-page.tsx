import "../settings/texts/index.ts";
import { RESIDENCY_ROLES, type ResidencyRole } from "@menshen/domain";
import { buildingEndpoints, type Person, personEndpoints } from "@menshen/wire";
import { Button, Checkbox, Input, Select, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { usePaged } from "../../api/paged.ts";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { ResidentsData } from "../../components/residents-data.tsx";
import { Dwellings } from "./dwellings.tsx";
import { MoveInDrawer } from "./move-in-drawer.tsx";
import { PersonDrawer } from "./person-drawer.tsx";

/** Who lives or works here, for whoever said why they look. */
export default function PeoplePage() {
  const { t } = useTranslation();
  return (
    <ResidentsData title={t("nav.people")} lead={t("people.lead")}>
      <People />
    </ResidentsData>
  );
}

/** People by name or alias, with their dwellings; the dwellings themselves below. */
function People() {
  const { t } = useTranslation();
  const { t: leaving } = useTranslation("retention");
  const mayWrite = useMay("homes.write");
  const [search, setSearch] = useSearchParams();
  const [text, setText] = useState("");
  const [buildingId, setBuildingId] = useState<string>();
  const [role, setRole] = useState<ResidencyRole>();
  const [isMovingIn, setIsMovingIn] = useState(false);
  const [removed, setRemoved] = useState(false);
  const dwellingId = search.get("dwelling") ?? undefined;
  const personId = search.get("person") ?? undefined;
  const buildings = usePaged(buildingEndpoints.list, { limit: 500 });
  const people = usePaged(personEndpoints.list, {
    limit: 100,
    ...(removed ? { removed } : {}),
    ...(text.trim() === "" ? {} : { text: text.trim() }),
    ...(buildingId === undefined ? {} : { buildingId }),
    ...(dwellingId === undefined ? {} : { dwellingId }),
    ...(role === undefined ? {} : { role }),
  });
  const isFiltered =
    removed || text !== "" || buildingId !== undefined || role !== undefined || dwellingId !== undefined;

  const columns: TableColumnsType<Person> = [
    {
      key: "name",
      title: t("common.name"),
      render: (_, person) => (
        <button type="button" className="link-button" onClick={() => setSearch({ person: person.id })}>
          {person.displayName}
        </button>
      ),
    },
    {
      key: "homes",
      title: t("people.home"),
      render: (_, person) =>
        person.residencies
          .filter((residency) => residency.state === "current")
          .map((residency) =>
            residency.dwellingName === undefined
              ? t(`role.${residency.role}`)
              : `${residency.buildingName ?? ""} ${residency.dwellingName} · ${t(`role.${residency.role}`)}`,
          )
          .join(t("common.semicolon")),
    },
    {
      key: "credentials",
      title: t("nav.credentials"),
      align: "right",
      render: (_, person) => person.credentialCount,
    },
  ];

  return (
    <>
      <PageHead
        title={t("nav.people")}
        lead={t("people.lead")}
        action={
          mayWrite ? (
            <Button type="primary" onClick={() => setIsMovingIn(true)}>
              {t("people.moveIn")}
            </Button>
          ) : null
        }
      />
      <search className="filters">
        <Input.Search
          aria-label={t("people.find")}
          placeholder={t("people.find")}
          allowClear
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Select
          aria-label={t("people.building")}
          placeholder={t("people.anyBuilding")}
          allowClear
          value={buildingId ?? null}
          onChange={(value?: string) => setBuildingId(value)}
          options={buildings.items.map((building) => ({ value: building.id, label: building.name }))}
        />
        <Select<ResidencyRole>
          aria-label={t("people.role")}
          placeholder={t("people.anyRole")}
          allowClear
          value={role ?? null}
          onChange={(value?: ResidencyRole) => setRole(value)}
          options={RESIDENCY_ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
        />
        <Checkbox checked={removed} onChange={(event) => setRemoved(event.target.checked)}>
          {leaving("person.showRemoved")}
        </Checkbox>
        {dwellingId === undefined ? null : (
          <Button onClick={() => setSearch({})}>{t("people.allDwellings")}</Button>
        )}
      </search>
      <PagedTable
        read={people}
        label={t("nav.people")}
        rowKey={(person) => person.id}
        columns={columns}
        empty={
          <Empty title={isFiltered ? t("people.nothingFound") : t("people.nobody")}>
            {isFiltered ? undefined : t("people.nobodyHelp")}
          </Empty>
        }
      />
      <Dwellings buildings={buildings.items} onShow={(id) => setSearch({ dwelling: id })} />
      <MoveInDrawer isOpen={isMovingIn} onClose={() => setIsMovingIn(false)} />
      <PersonDrawer personId={personId} onClose={() => setSearch({})} />
    </>
  );
}
