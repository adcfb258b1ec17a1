import {
  type Building,
  type BuildingCreate,
  buildingEndpoints,
  type Dwelling,
  type DwellingCreate,
  dwellingEndpoints,
} from "@menshen/wire";
import { Button, Form, Input, Select, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange, useRemoval } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { type VisitedHome, VisitorPasses } from "./visitor-passes.tsx";

/** Buildings and dwellings: the places that people belong to. */
export function Dwellings(props: { buildings: readonly Building[]; onShow: (dwellingId: string) => void }) {
  const { t } = useTranslation();
  const { t: visits } = useTranslation("visits");
  const mayWrite = useMay("homes.write");
  const mayInvite = useMay("credentials.write");
  const [buildingId, setBuildingId] = useState<string>();
  const [visited, setVisited] = useState<VisitedHome>();
  const dwellings = usePaged(dwellingEndpoints.list, {
    limit: 100,
    ...(buildingId === undefined ? {} : { buildingId }),
  });
  const removeDwelling = useRemoval(dwellingEndpoints);

  const columns: TableColumnsType<Dwelling> = [
    { key: "building", title: t("people.building"), render: (_, dwelling) => dwelling.buildingName },
    { key: "name", title: t("people.dwelling"), render: (_, dwelling) => dwelling.name },
    {
      key: "residents",
      title: t("nav.people"),
      align: "right",
      render: (_, dwelling) => (
        <button type="button" className="link-button" onClick={() => props.onShow(dwelling.id)}>
          {dwelling.residentCount}
        </button>
      ),
    },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, { id, buildingName, name: number, residentCount }) => {
        const name = `${buildingName} ${number}`;
        if (residentCount === 0) {
          return mayWrite ? (
            <Button type="text" onClick={() => removeDwelling.mutate({ id, name })}>
              {t("common.remove")}
            </Button>
          ) : null;
        }
        return mayInvite ? (
          <Button type="text" onClick={() => setVisited({ id, name })}>
            {visits("open")}
          </Button>
        ) : null;
      },
    },
  ];

  return (
    <section className="section" aria-labelledby="dwellings">
      <h2 id="dwellings">{t("people.dwellings")}</h2>
      <div className="filters">
        <Select
          aria-label={t("people.building")}
          placeholder={t("people.anyBuilding")}
          allowClear
          value={buildingId ?? null}
          onChange={(value?: string) => setBuildingId(value)}
          options={props.buildings.map((building) => ({
            value: building.id,
            label: `${building.name} (${building.dwellingCount})`,
          }))}
        />
        {mayWrite ? <AddBuilding /> : null}
        {mayWrite && props.buildings.length > 0 ? <AddDwelling buildings={props.buildings} /> : null}
      </div>
      <PagedTable
        read={dwellings}
        label={t("people.dwellings")}
        rowKey={(dwelling) => dwelling.id}
        columns={columns}
        empty={<Empty title={t("people.noDwellings")} />}
      />
      <VisitorPasses home={visited} onClose={() => setVisited(undefined)} />
    </section>
  );
}

function AddBuilding() {
  const { t } = useTranslation();
  const [form] = Form.useForm<BuildingCreate>();
  const add = useChange((body: BuildingCreate) => call(buildingEndpoints.create, { body }), {
    onDone: () => form.resetFields(),
  });
  return (
    <Form<BuildingCreate> form={form} layout="inline" onFinish={(values) => add.mutate(values)}>
      <Form.Item name="name" rules={[{ required: true, whitespace: true, message: t("people.nameMissing") }]}>
        <Input aria-label={t("people.newBuilding")} placeholder={t("people.newBuilding")} maxLength={80} />
      </Form.Item>
      <Button htmlType="submit" loading={add.isPending}>
        {t("common.add")}
      </Button>
    </Form>
  );
}

function AddDwelling(props: { buildings: readonly Building[] }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<DwellingCreate>();
  const add = useChange((body: DwellingCreate) => call(dwellingEndpoints.create, { body }), {
    onDone: () => form.resetFields(["name"]),
  });
  return (
    <Form<DwellingCreate> form={form} layout="inline" onFinish={(values) => add.mutate(values)}>
      <Form.Item name="buildingId" initialValue={props.buildings[0]?.id ?? null} rules={[{ required: true }]}>
        <Select
          aria-label={t("people.building")}
          options={props.buildings.map((building) => ({ value: building.id, label: building.name }))}
        />
      </Form.Item>
      <Form.Item name="name" rules={[{ required: true, whitespace: true, message: t("people.nameMissing") }]}>
        <Input aria-label={t("people.newDwelling")} placeholder={t("people.newDwelling")} maxLength={80} />
      </Form.Item>
      <Button htmlType="submit" loading={add.isPending}>
        {t("common.add")}
      </Button>
    </Form>
  );
}
