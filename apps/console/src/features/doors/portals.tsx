import {
  accessPointEndpoints,
  gateEndpoints,
  type Portal,
  type PortalCreate,
  portalEndpoints,
  scheduleEndpoints,
} from "@menshen/wire";
import { Button, Drawer, Form, Input, InputNumber, Select, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange, useRemoval } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { AccessPoints } from "./access-points.tsx";
import { PortalFacts } from "./portal-facts.tsx";

/** The doors, each with the access points (directions) through it. */
export function Portals() {
  const { t } = useTranslation();
  const mayWrite = useMay("doors.write");
  const [search, setSearch] = useSearchParams();
  const portals = usePaged(portalEndpoints.list, { limit: 500 });
  const accessPoints = usePaged(accessPointEndpoints.list, { limit: 500 });
  const gates = usePaged(gateEndpoints.list, { limit: 200 });
  const remove = useRemoval(portalEndpoints);
  const openId = search.get("portal") ?? undefined;

  const columns: TableColumnsType<Portal> = [
    {
      key: "name",
      title: t("doors.door"),
      render: (_, portal) => (
        <button type="button" className="link-button" onClick={() => setSearch({ portal: portal.id })}>
          {portal.name}
        </button>
      ),
    },
    {
      key: "accessPoints",
      title: t("rule.accessPoints"),
      render: (_, portal) =>
        accessPoints.items
          .filter((point) => point.portalId === portal.id)
          .map((point) => `${point.name} (${t("grade.atLeast", { grade: point.minimumGrade })})`)
          .join(t("common.semicolon")),
    },
    {
      key: "gate",
      title: t("door.gate"),
      render: (_, portal) => gates.items.find((gate) => gate.id === portal.gateId)?.name,
    },
    {
      key: "unlock",
      title: t("doors.unlockSeconds"),
      align: "right",
      render: (_, portal) => portal.unlockMs / 1_000,
    },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, portal) =>
        mayWrite ? (
          <Button type="text" onClick={() => remove.mutate({ id: portal.id, name: portal.name })}>
            {t("common.remove")}
          </Button>
        ) : null,
    },
  ];

  return (
    <section className="section" aria-labelledby="portals">
      <div className="section__head">
        <h2 id="portals">{t("doors.doors")}</h2>
        {mayWrite && gates.items.length > 0 ? (
          <Button type="primary" onClick={() => setSearch({ portal: "new" })}>
            {t("doors.newDoor")}
          </Button>
        ) : null}
      </div>
      <PagedTable
        read={portals}
        label={t("doors.doors")}
        rowKey={(portal) => portal.id}
        columns={columns}
        empty={<Empty title={t("doors.none")}>{t("doors.noneHelp")}</Empty>}
      />
      <Drawer
        open={openId !== undefined}
        onClose={() => setSearch({})}
        size={520}
        title={
          openId === "new"
            ? t("doors.newDoor")
            : (portals.items.find((portal) => portal.id === openId)?.name ?? t("doors.door"))
        }
        destroyOnHidden
      >
        {openId === undefined || !portals.isSuccess ? null : (
          <PortalForm
            key={openId}
            portal={portals.items.find((portal) => portal.id === openId)}
            onSaved={(portal) => setSearch({ portal: portal.id })}
          />
        )}
      </Drawer>
    </section>
  );
}

interface PortalValues {
  name: string;
  gateId: string;
  unlockSeconds: number;
  heldOpenLimitSeconds: number;
  unlockScheduleId?: string;
}

function PortalForm(props: { portal: Portal | undefined; onSaved: (portal: Portal) => void }) {
  const { t } = useTranslation();
  const mayWrite = useMay("doors.write");
  const gates = usePaged(gateEndpoints.list, { limit: 200 });
  const schedules = usePaged(scheduleEndpoints.list, { limit: 500 });
  const { portal } = props;
  const save = useChange(
    (body: PortalCreate) =>
      portal === undefined
        ? call(portalEndpoints.create, { body })
        : call(portalEndpoints.update, {
            params: { id: portal.id },
            body: { ...body, revision: portal.revision },
          }),
    { onDone: props.onSaved },
  );
  const submit = (values: PortalValues) =>
    save.mutate({
      name: values.name.trim(),
      gateId: values.gateId,
      unlockMs: values.unlockSeconds * 1_000,
      heldOpenLimitMs: values.heldOpenLimitSeconds * 1_000,
      ...(values.unlockScheduleId === undefined ? {} : { unlockScheduleId: values.unlockScheduleId }),
      ...(portal?.buildingId === undefined ? {} : { buildingId: portal.buildingId }),
      ...(portal?.position === undefined ? {} : { position: portal.position }),
    });
  if (!mayWrite) {
    if (portal === undefined) return null;
    const gateName = gates.items.find((gate) => gate.id === portal.gateId)?.name;
    const scheduleName = schedules.items.find((schedule) => schedule.id === portal.unlockScheduleId)?.name;
    return (
      <>
        <PortalFacts
          portal={portal}
          {...(gateName === undefined ? {} : { gateName })}
          {...(scheduleName === undefined ? {} : { scheduleName })}
        />
        <AccessPoints portal={portal} />
      </>
    );
  }
  return (
    <>
      <Form<PortalValues>
        layout="vertical"
        initialValues={
          portal === undefined
            ? { unlockSeconds: 5, heldOpenLimitSeconds: 30, gateId: gates.items[0]?.id }
            : {
                ...portal,
                unlockSeconds: portal.unlockMs / 1_000,
                heldOpenLimitSeconds: portal.heldOpenLimitMs / 1_000,
              }
        }
        onFinish={submit}
      >
        <Form.Item
          name="name"
          label={t("common.name")}
          rules={[{ required: true, whitespace: true, message: t("people.nameMissing") }]}
        >
          <Input maxLength={80} />
        </Form.Item>
        <Form.Item name="gateId" label={t("door.gate")} rules={[{ required: true }]}>
          <Select options={gates.items.map((gate) => ({ value: gate.id, label: gate.name }))} />
        </Form.Item>
        <Form.Item name="unlockSeconds" label={t("doors.unlockSeconds")}>
          <InputNumber min={0.5} max={60} step={0.5} />
        </Form.Item>
        <Form.Item name="heldOpenLimitSeconds" label={t("doors.heldOpenLimitSeconds")}>
          <InputNumber min={1} max={3_600} />
        </Form.Item>
        <Form.Item name="unlockScheduleId" label={t("doors.unlockSchedule")}>
          <Select
            allowClear
            placeholder={t("common.none")}
            options={schedules.items.map((schedule) => ({ value: schedule.id, label: schedule.name }))}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t("common.save")}
        </Button>
      </Form>
      {portal === undefined ? null : <AccessPoints portal={portal} />}
    </>
  );
}
