import { StateMark } from "@menshen/ui";
import {
  accessPointEndpoints,
  gateEndpoints,
  portalEndpoints,
  type Reader,
  type ReaderCreate,
  readerEndpoints,
} from "@menshen/wire";
import { App, Button, Drawer, Form, Input, Select, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange, useRemoval } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { ScreenSetUpSheet } from "./screen-set-up-sheet.tsx";
import "./reader-texts/index.ts";

const KINDS = ["osdp", "pcsc", "kiosk", "io", "desk"] as const;
const TONES = { online: "granted", offline: "offline", unknown: "quiet" } as const;

/** Those that stand at a door belong to one direction through it. */
const standsAtDoor = (kind: Reader["kind"] | undefined) => kind !== "io" && kind !== "desk";

/** What reads credentials, the screens at doors included; each is named in its gate's configuration by its ID. */
export function Readers() {
  const { t } = useTranslation("readers");
  const { t: c } = useTranslation();
  const { notification } = App.useApp();
  const mayWrite = useMay("doors.write");
  const readers = usePaged(readerEndpoints.list, { limit: 500 });
  const gates = usePaged(gateEndpoints.list, { limit: 200 });
  const accessPoints = usePaged(accessPointEndpoints.list, { limit: 500 });
  const portals = usePaged(portalEndpoints.list, { limit: 500 });
  const remove = useRemoval(readerEndpoints);
  const [screen, setScreen] = useState<Reader>();

  const places = accessPoints.items.map((point) => ({
    value: point.id,
    label: `${portals.items.find((portal) => portal.id === point.portalId)?.name ?? "…"} · ${point.name}`,
    portalId: point.portalId,
  }));
  const placeName = (id: string | undefined) => places.find(({ value }) => value === id)?.label ?? "–";

  const columns: TableColumnsType<Reader> = [
    { key: "name", title: c("common.name"), render: (_, reader) => reader.name },
    { key: "kind", title: t("kind"), render: (_, reader) => t(`kindOf.${reader.kind}`) },
    { key: "at", title: t("at"), render: (_, reader) => placeName(reader.accessPointId) },
    {
      key: "gate",
      title: c("door.gate"),
      render: (_, reader) => gates.items.find((gate) => gate.id === reader.gateId)?.name,
    },
    {
      key: "link",
      title: c("doors.link"),
      render: (_, reader) => <StateMark tone={TONES[reader.link]}>{t(`linkOf.${reader.link}`)}</StateMark>,
    },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, reader) =>
        mayWrite ? (
          <span className="actions">
            {reader.kind === "kiosk" ? <Button onClick={() => setScreen(reader)}>{t("setUp")}</Button> : null}
            <Button
              type="text"
              onClick={() =>
                remove.mutate(
                  { id: reader.id, name: reader.name },
                  {
                    onSuccess: () => {
                      if (reader.kind === "kiosk") notification.info({ title: t("removed"), duration: 8 });
                    },
                  },
                )
              }
            >
              {c("common.remove")}
            </Button>
          </span>
        ) : null,
    },
  ];

  return (
    <section className="section" aria-labelledby="readers">
      <h2 id="readers">{t("title")}</h2>
      <PagedTable
        read={readers}
        label={t("title")}
        rowKey={(reader) => reader.id}
        columns={columns}
        empty={<Empty title={t("none")}>{t("noneHelp")}</Empty>}
      />
      {mayWrite && gates.items.length > 0 ? (
        <ReaderForm
          gates={gates.items.map((gate) => ({ value: gate.id, label: gate.name }))}
          places={places}
          onAdded={(reader) => {
            if (reader.kind === "kiosk") setScreen(reader);
          }}
        />
      ) : null}
      <Drawer
        open={screen !== undefined}
        onClose={() => setScreen(undefined)}
        size={620}
        title={screen?.name}
        destroyOnHidden
      >
        {screen?.accessPointId === undefined ? null : (
          <ScreenSetUpSheet
            readerId={screen.id}
            accessPointId={screen.accessPointId}
            doorName={
              portals.items.find(
                ({ id }) => id === places.find(({ value }) => value === screen.accessPointId)?.portalId,
              )?.name ?? screen.name
            }
          />
        )}
      </Drawer>
    </section>
  );
}

interface Choice {
  readonly value: string;
  readonly label: string;
}

function ReaderForm(props: {
  gates: readonly Choice[];
  places: readonly Choice[];
  onAdded: (reader: Reader) => void;
}) {
  const { t } = useTranslation("readers");
  const { t: c } = useTranslation();
  const [form] = Form.useForm<ReaderCreate>();
  const kind = Form.useWatch("kind", form);
  const add = useChange((body: ReaderCreate) => call(readerEndpoints.create, { body }), {
    onDone: (reader) => {
      form.resetFields();
      props.onAdded(reader);
    },
  });
  const submit = ({ name, gateId, kind, accessPointId }: ReaderCreate) =>
    add.mutate({
      name: name.trim(),
      gateId,
      kind,
      ...(standsAtDoor(kind) && accessPointId !== undefined ? { accessPointId } : {}),
    });
  return (
    <Form<ReaderCreate>
      form={form}
      layout="inline"
      className="reader-form"
      initialValues={{ kind: "osdp", gateId: props.gates[0]?.value }}
      onFinish={submit}
    >
      <Form.Item name="name" rules={[{ required: true, whitespace: true, message: c("people.nameMissing") }]}>
        <Input aria-label={t("name")} placeholder={t("name")} maxLength={80} />
      </Form.Item>
      <Form.Item name="kind">
        <Select
          aria-label={t("kind")}
          popupMatchSelectWidth={false}
          options={KINDS.map((value) => ({ value, label: t(`kindOf.${value}`) }))}
        />
      </Form.Item>
      <Form.Item name="gateId" rules={[{ required: true }]}>
        <Select aria-label={c("door.gate")} popupMatchSelectWidth={false} options={[...props.gates]} />
      </Form.Item>
      {standsAtDoor(kind) ? (
        <Form.Item name="accessPointId" rules={[{ required: true }]}>
          <Select
            aria-label={t("at")}
            placeholder={t("at")}
            popupMatchSelectWidth={false}
            showSearch={{ optionFilterProp: "label" }}
            options={[...props.places]}
          />
        </Form.Item>
      ) : null}
      <Button htmlType="submit" loading={add.isPending}>
        {t("add")}
      </Button>
    </Form>
  );
}
