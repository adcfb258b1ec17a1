import { RESIDENCY_ROLES, type ResidencyRole } from "@menshen/domain";
import { type Person, type PersonCreate, personEndpoints } from "@menshen/wire";
import { Button, Drawer, Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { DwellingSelect } from "./dwelling-select.tsx";

interface MoveIn {
  displayName: string;
  role: ResidencyRole;
  dwellingId?: string;
  from?: string;
  until?: string;
}

/** One form for a move-in: who, as what, where, from when. It asks for a name or alias and nothing more. */
export function MoveInDrawer(props: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { timeZone } = useSignedIn().community;
  const [form] = Form.useForm<MoveIn>();
  const role = Form.useWatch("role", form) ?? "tenant";
  const moveIn = useChange(
    (person: PersonCreate): Promise<Person> =>
      call(personEndpoints.create, { body: person, reason: { code: "move-in" } }),
    {
      onDone: (person) => {
        form.resetFields();
        props.onClose();
        void navigate(`/people?person=${person.id}`);
      },
    },
  );
  const submit = (values: MoveIn) => {
    const from = localDateTimeToEpochMs(`${values.from ?? ""}T00:00`, timeZone);
    const until = localDateTimeToEpochMs(`${values.until ?? ""}T00:00`, timeZone);
    moveIn.mutate({
      displayName: values.displayName.trim(),
      residency: {
        role: values.role,
        ...(values.role === "staff" || values.dwellingId === undefined
          ? {}
          : { dwellingId: values.dwellingId }),
        ...(from === undefined ? {} : { from }),
        ...(until === undefined ? {} : { until }),
      },
    });
  };

  return (
    <Drawer open={props.isOpen} onClose={props.onClose} size={480} title={t("people.moveIn")} forceRender>
      <Form<MoveIn> form={form} layout="vertical" initialValues={{ role: "tenant" }} onFinish={submit}>
        <Form.Item
          name="displayName"
          label={t("people.displayName")}
          extra={t("people.displayNameHelp")}
          rules={[{ required: true, whitespace: true, message: t("people.displayNameMissing") }]}
        >
          <Input maxLength={80} autoComplete="off" />
        </Form.Item>
        <Form.Item name="role" label={t("people.role")} extra={t("people.roleHelp")}>
          <Radio.Group options={RESIDENCY_ROLES.map((value) => ({ value, label: t(`role.${value}`) }))} />
        </Form.Item>
        {role === "staff" ? null : (
          <Form.Item
            name="dwellingId"
            label={t("people.dwelling")}
            rules={[{ required: true, message: t("people.dwellingMissing") }]}
          >
            <DwellingSelect />
          </Form.Item>
        )}
        <Form.Item name="from" label={`${t("common.from")} (${t("common.optional")})`}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="until" label={`${t("common.until")} (${t("common.optional")})`}>
          <Input type="date" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={moveIn.isPending}>
          {t("people.moveIn")}
        </Button>
      </Form>
    </Drawer>
  );
}
