import { type GateWiring, type Installation, installerEndpoints, readerEndpoints } from "@menshen/wire";
import { AutoComplete, Button, Form, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { lookedFor } from "./steps.ts";

interface DeviceValues {
  name: string;
  kind: "osdp" | "io" | "pcsc";
  accessPointId?: string;
  transport: string;
  baud: number;
  address: number;
  readerName: string;
}

const BAUDS = [9_600, 19_200, 38_400, 57_600, 115_200, 230_400];
const FIRST_LINE = "/dev/ttyUSB0";

/** Readers and indoor units, each at its place on a line. */
export function DevicesStep({ installation }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  const { t: tc } = useTranslation();
  const { gate, doors, wiring, wiringRevision } = installation;
  const mayWrite = useMay("gates.write");
  const [form] = Form.useForm<DeviceValues>();
  const kind = Form.useWatch("kind", form) ?? "osdp";
  const add = useChange(
    async (values: DeviceValues) => {
      const reason = { code: "installation" } as const;
      const reader = await call(readerEndpoints.create, {
        body: {
          gateId: gate.id,
          name: values.name.trim(),
          kind: values.kind,
          ...(values.accessPointId === undefined ? {} : { accessPointId: values.accessPointId }),
        },
        reason,
      });
      return call(installerEndpoints.setWiring, {
        params: { gateId: gate.id },
        body: { wiring: wiringWith(wiring, reader.id, values), revision: wiringRevision },
        reason,
      });
    },
    { onDone: () => form.resetFields(["name", "accessPointId", "address"]), doneText: t("devices.added") },
  );
  const points = doors.flatMap((door) =>
    door.accessPoints.map((point) => ({ value: point.id, label: `${door.name} · ${point.name}` })),
  );
  const placeOf = (readerId: string) => {
    const at = wiring.readers.find((reader) => reader.readerId === readerId);
    const line = wiring.lines.find(({ id }) => id === at?.lineId);
    if (at !== undefined && line !== undefined) {
      return t("devices.onLine", { line: line.transport, address: at.address });
    }
    return (
      wiring.plugged.find((reader) => reader.readerId === readerId)?.readerName ?? t("devices.notOnLine")
    );
  };
  return (
    <>
      <p className="quiet">{t("devices.help")}</p>
      <ul className="plain-list">
        {lookedFor(installation).map((reader) => (
          <li key={reader.readerId}>
            <strong>{reader.name}</strong>
            <span className="quiet">{placeOf(reader.readerId)}</span>
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <Form<DeviceValues>
          name="device"
          form={form}
          layout="vertical"
          initialValues={{
            kind: "osdp",
            transport: wiring.lines[0]?.transport ?? FIRST_LINE,
            baud: wiring.lines[0]?.baud ?? BAUDS[0],
          }}
          onFinish={(values) => add.mutate(values)}
        >
          <Form.Item name="kind" label={t("devices.kindLabel")}>
            <Select
              size="large"
              options={(["osdp", "io", "pcsc"] as const).map((value) => ({
                value,
                label: t(`devices.kind.${value}`),
              }))}
            />
          </Form.Item>
          <Form.Item
            name="name"
            label={t("devices.name")}
            rules={[{ required: true, whitespace: true, message: tc("people.nameMissing") }]}
          >
            <Input maxLength={80} size="large" />
          </Form.Item>
          {kind === "io" ? null : (
            <Form.Item name="accessPointId" label={t("devices.at")} rules={[{ required: true }]}>
              <Select options={points} size="large" />
            </Form.Item>
          )}
          {kind === "pcsc" ? (
            <Form.Item name="readerName" label={t("devices.readerName")} rules={[{ required: true }]}>
              <Input size="large" maxLength={200} />
            </Form.Item>
          ) : (
            <>
              <Form.Item
                name="transport"
                label={t("devices.line")}
                extra={t("devices.lineHelp")}
                rules={[{ required: true }]}
              >
                <AutoComplete
                  size="large"
                  options={wiring.lines.map(({ transport }) => ({ value: transport }))}
                />
              </Form.Item>
              <div className="install__pair">
                <Form.Item name="address" label={t("devices.address")} rules={[{ required: true }]}>
                  <InputNumber min={0} max={126} size="large" />
                </Form.Item>
                <Form.Item name="baud" label={t("devices.baud")}>
                  <Select
                    size="large"
                    options={BAUDS.map((baud) => ({ value: baud, label: String(baud) }))}
                  />
                </Form.Item>
              </div>
            </>
          )}
          <Button htmlType="submit" size="large" type="primary" loading={add.isPending}>
            {t("devices.add")}
          </Button>
        </Form>
      ) : null}
    </>
  );
}

/** The wiring with one more device; a line that was not there before begins with it. */
function wiringWith(wiring: GateWiring, readerId: string, values: DeviceValues): GateWiring {
  if (values.kind === "pcsc") {
    return { ...wiring, plugged: [...wiring.plugged, { readerId, readerName: values.readerName.trim() }] };
  }
  const transport = values.transport.trim();
  const known = wiring.lines.find((line) => line.transport === transport);
  const line = known ?? { id: `line-${wiring.lines.length + 1}`, transport, baud: values.baud };
  return {
    ...wiring,
    lines: known === undefined ? [...wiring.lines, line] : wiring.lines,
    readers: [...wiring.readers, { readerId, lineId: line.id, address: values.address }],
  };
}
