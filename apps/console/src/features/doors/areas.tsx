import { type AreaCreate, areaEndpoints } from "@menshen/wire";
import { Button, Checkbox, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange, useRemoval } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";

/** The areas that access points lead from and to. */
export function Areas() {
  const { t } = useTranslation();
  const mayWrite = useMay("doors.write");
  const areas = usePaged(areaEndpoints.list, { limit: 500 });
  const remove = useRemoval(areaEndpoints);
  const [form] = Form.useForm<AreaCreate>();
  const add = useChange((body: AreaCreate) => call(areaEndpoints.create, { body }), {
    onDone: () => form.resetFields(),
  });
  return (
    <section className="section" aria-labelledby="areas">
      <h2 id="areas">{t("doors.areas")}</h2>
      <ul className="plain-list">
        {areas.items.map((area) => (
          <li key={area.id}>
            <span>
              <strong>{area.name}</strong>
              {area.staffOnly ? ` · ${t("doors.staffOnly")}` : ""}
            </span>
            {mayWrite ? (
              <Button type="text" onClick={() => remove.mutate({ id: area.id, name: area.name })}>
                {t("common.remove")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <Form<AreaCreate>
          form={form}
          layout="inline"
          initialValues={{ staffOnly: false }}
          onFinish={(values) => add.mutate({ name: values.name.trim(), staffOnly: values.staffOnly })}
        >
          <Form.Item
            name="name"
            rules={[{ required: true, whitespace: true, message: t("people.nameMissing") }]}
          >
            <Input aria-label={t("doors.newArea")} placeholder={t("doors.newArea")} maxLength={80} />
          </Form.Item>
          <Form.Item name="staffOnly" valuePropName="checked">
            <Checkbox>{t("doors.staffOnly")}</Checkbox>
          </Form.Item>
          <Button htmlType="submit" loading={add.isPending}>
            {t("common.add")}
          </Button>
        </Form>
      ) : null}
    </section>
  );
}
