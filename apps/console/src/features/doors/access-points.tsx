import { GRADES, type Grade } from "@menshen/domain";
import {
  type AccessPoint,
  type AccessPointCreate,
  accessPointEndpoints,
  areaEndpoints,
  type Portal,
} from "@menshen/wire";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange, useRemoval } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";

interface AccessPointValues {
  name: string;
  fromAreaId: string;
  toAreaId: string;
  minimumGrade: Grade;
}

/** The directions through a door: where each leads, which grade opens it and what a PIN is worth there. */
export function AccessPoints(props: { portal: Portal }) {
  const { t } = useTranslation();
  const mayWrite = useMay("doors.write");
  const accessPoints = usePaged(accessPointEndpoints.list, { portalId: props.portal.id, limit: 50 });
  const areas = usePaged(areaEndpoints.list, { limit: 500 });
  const remove = useRemoval(accessPointEndpoints);
  const [form] = Form.useForm<AccessPointValues>();
  const add = useChange((body: AccessPointCreate) => call(accessPointEndpoints.create, { body }), {
    onDone: () => form.resetFields(),
  });
  const ask = useChange((change: { readonly point: AccessPoint; readonly cardAndPin: boolean }) => {
    const { id, revision, portalId, name, fromAreaId, toAreaId, minimumGrade } = change.point;
    const { cardAndPin } = change;
    const body = { portalId, name, fromAreaId, toAreaId, minimumGrade, cardAndPin, revision };
    return call(accessPointEndpoints.update, { params: { id }, body });
  });
  const areaName = (id: string) => areas.items.find((area) => area.id === id)?.name ?? "…";
  const areaOptions = areas.items.map((area) => ({ value: area.id, label: area.name }));
  return (
    <>
      <h3>{t("rule.accessPoints")}</h3>
      <ul className="plain-list">
        {accessPoints.items.map((point) => (
          <li key={point.id}>
            <span>
              <strong>{point.name}</strong> · {areaName(point.fromAreaId)} → {areaName(point.toAreaId)} ·{" "}
              {t("grade.atLeast", { grade: point.minimumGrade })} · {t(`doors.pinUse.${point.pinUse}`)}
            </span>
            {mayWrite ? (
              <Checkbox
                checked={point.cardAndPin === true}
                disabled={ask.isPending}
                onChange={(event) => ask.mutate({ point, cardAndPin: event.target.checked })}
                aria-label={t("doors.cardAndPinAt", { name: point.name })}
              >
                {t("doors.cardAndPin")}
              </Checkbox>
            ) : null}
            {mayWrite ? (
              <Button type="text" onClick={() => remove.mutate({ id: point.id, name: point.name })}>
                {t("common.remove")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <Form<AccessPointValues>
          form={form}
          layout="vertical"
          initialValues={{ minimumGrade: "C" }}
          onFinish={(values) =>
            add.mutate({ ...values, name: values.name.trim(), portalId: props.portal.id })
          }
        >
          <Form.Item
            name="name"
            label={t("doors.newAccessPoint")}
            rules={[{ required: true, whitespace: true }]}
          >
            <Input maxLength={80} />
          </Form.Item>
          <Form.Item name="fromAreaId" label={t("doors.fromArea")} rules={[{ required: true }]}>
            <Select options={areaOptions} />
          </Form.Item>
          <Form.Item name="toAreaId" label={t("doors.toArea")} rules={[{ required: true }]}>
            <Select options={areaOptions} />
          </Form.Item>
          <Form.Item name="minimumGrade" label={t("rule.minimumGrade")}>
            <Select options={GRADES.map((grade) => ({ value: grade, label: t(`grade.of.${grade}`) }))} />
          </Form.Item>
          <Button htmlType="submit" loading={add.isPending}>
            {t("common.add")}
          </Button>
        </Form>
      ) : null}
    </>
  );
}
