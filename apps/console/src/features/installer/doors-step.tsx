import { GRADES, type Grade } from "@menshen/domain";
import { accessPointEndpoints, areaEndpoints, type Installation, portalEndpoints } from "@menshen/wire";
import { Button, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";

interface DoorValues {
  name: string;
  fromAreaId: string;
  toAreaId: string;
  minimumGrade: Grade;
}

const UNLOCK_MS = 5_000;
const HELD_OPEN_LIMIT_MS = 30_000;

/** The doors of a gate, each with the way in that its reader stands at. */
export function DoorsStep({ installation: { gate, doors } }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  const { t: tc } = useTranslation();
  const mayWrite = useMay("doors.write");
  const areas = usePaged(areaEndpoints.list, { limit: 500 });
  const [form] = Form.useForm<DoorValues>();
  const add = useChange(
    async ({ name, ...point }: DoorValues) => {
      const reason = { code: "installation" } as const;
      const portal = await call(portalEndpoints.create, {
        body: { gateId: gate.id, name, unlockMs: UNLOCK_MS, heldOpenLimitMs: HELD_OPEN_LIMIT_MS },
        reason,
      });
      await call(accessPointEndpoints.create, {
        body: { ...point, portalId: portal.id, name: t("doors.inName", { name }) },
        reason,
      });
    },
    { onDone: () => form.resetFields(), doneText: t("doors.added") },
  );
  const areaOptions = areas.items.map((area) => ({ value: area.id, label: area.name }));
  return (
    <>
      <p className="quiet">{t("doors.help")}</p>
      <ul className="plain-list">
        {doors.map((door) => (
          <li key={door.portalId}>
            <strong>{door.name}</strong>
            <span className="quiet">
              {door.accessPoints.map(({ name }) => name).join(tc("common.comma"))}
            </span>
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <Form<DoorValues>
          name="door"
          form={form}
          layout="vertical"
          initialValues={{ minimumGrade: "C" }}
          onFinish={(values) => add.mutate({ ...values, name: values.name.trim() })}
        >
          <Form.Item
            name="name"
            label={t("doors.name")}
            rules={[{ required: true, whitespace: true, message: tc("people.nameMissing") }]}
          >
            <Input maxLength={70} size="large" />
          </Form.Item>
          <div className="install__pair install__pair--even">
            <Form.Item name="fromAreaId" label={t("doors.from")} rules={[{ required: true }]}>
              <Select options={areaOptions} size="large" />
            </Form.Item>
            <Form.Item name="toAreaId" label={t("doors.to")} rules={[{ required: true }]}>
              <Select options={areaOptions} size="large" />
            </Form.Item>
          </div>
          <Form.Item name="minimumGrade" label={t("doors.minimumGrade")}>
            <Select
              size="large"
              options={GRADES.map((grade) => ({ value: grade, label: tc(`grade.of.${grade}`) }))}
            />
          </Form.Item>
          <Button htmlType="submit" size="large" type="primary" loading={add.isPending}>
            {t("doors.add")}
          </Button>
        </Form>
      ) : null}
    </>
  );
}
