import {
  type CredentialKind,
  GRADES,
  type Grade,
  RESIDENCY_ROLES,
  type ResidencyRole,
} from "@menshen/domain";
import { type Rule, type RuleCreate, ruleEndpoints } from "@menshen/wire";
import { useMutation } from "@tanstack/react-query";
import { Button, Checkbox, Drawer, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { NamesOnRequest } from "../../components/residents-data.tsx";
import { usePlaces } from "./use-places.ts";
import { WayInViolations } from "./way-in-violations.tsx";

const KINDS: readonly CredentialKind[] = [
  "desfire",
  "ntag424",
  "uid",
  "wiegand",
  "osdp-raw",
  "pin",
  "phone",
  "pass",
  "face",
  "pkoc",
  "phone-pass",
  "plate",
];

interface Values {
  name: string;
  roles?: ResidencyRole[];
  buildingIds?: string[];
  areaIds?: string[];
  accessPointIds?: string[];
  scheduleId?: string;
  means?: CredentialKind[];
  minimumGrade: Grade;
  overridesLockdown?: boolean;
}

/** The rule that the form's values make; what the form does not show (persons, dwellings, dates) is kept as it was. */
function ruleOf(values: Values, before: Rule | undefined): RuleCreate {
  const list = <Item,>(items: Item[] | undefined) =>
    items === undefined || items.length === 0 ? undefined : items;
  const roles = list(values.roles);
  const buildingIds = list(values.buildingIds);
  const areaIds = list(values.areaIds);
  const accessPointIds = list(values.accessPointIds);
  const means = list(values.means);
  return {
    name: values.name.trim(),
    who: {
      ...(roles === undefined ? {} : { roles }),
      ...(buildingIds === undefined ? {} : { buildingIds }),
      ...(before?.who.personIds === undefined ? {} : { personIds: before.who.personIds }),
      ...(before?.who.dwellingIds === undefined ? {} : { dwellingIds: before.who.dwellingIds }),
    },
    where: {
      ...(areaIds === undefined ? {} : { areaIds }),
      ...(accessPointIds === undefined ? {} : { accessPointIds }),
    },
    ...(values.scheduleId === undefined ? {} : { scheduleId: values.scheduleId }),
    ...(means === undefined ? {} : { means }),
    minimumGrade: values.minimumGrade,
    validity: before?.validity ?? {},
    ...(values.overridesLockdown === true ? { overridesLockdown: true } : {}),
  };
}

/** One rule, with a trial before it is saved: how many it matches, and whom it would leave without a way in. */
export function RuleDrawer(props: { isOpen: boolean; rule: Rule | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const mayWrite = useMay("rules.write");
  const places = usePlaces();
  const [form] = Form.useForm<Values>();
  const { rule } = props;
  const check = useMutation({
    mutationFn: (tried: RuleCreate) =>
      call(ruleEndpoints.check, {
        body: rule === undefined ? { rule: tried } : { id: rule.id, rule: tried },
      }),
  });
  const save = useChange(
    (body: RuleCreate) =>
      rule === undefined
        ? call(ruleEndpoints.create, { body })
        : call(ruleEndpoints.update, { params: { id: rule.id }, body: { ...body, revision: rule.revision } }),
    { onDone: props.onClose },
  );
  const problem = save.error instanceof ApiError ? save.error.problem : undefined;
  const options = (items: readonly { id: string; name: string }[]) =>
    items.map((item) => ({ value: item.id, label: item.name }));

  return (
    <Drawer
      open={props.isOpen}
      onClose={props.onClose}
      size={560}
      title={rule === undefined ? t("rule.new") : rule.name}
      forceRender
    >
      <Form<Values>
        form={form}
        layout="vertical"
        disabled={!mayWrite}
        initialValues={rule === undefined ? { minimumGrade: "C" } : { ...rule, ...rule.who, ...rule.where }}
        onFinish={(values) => save.mutate(ruleOf(values, rule))}
      >
        <Form.Item
          name="name"
          label={t("common.name")}
          rules={[{ required: true, whitespace: true, message: t("people.nameMissing") }]}
        >
          <Input maxLength={80} />
        </Form.Item>
        <Form.Item name="roles" label={t("rule.who")} extra={t("rule.whoHelp")}>
          <Select
            mode="multiple"
            options={RESIDENCY_ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
          />
        </Form.Item>
        <Form.Item name="buildingIds" label={t("people.building")} extra={t("rule.buildingHelp")}>
          <Select
            mode="multiple"
            showSearch={{ optionFilterProp: "label" }}
            options={options(places.buildings)}
          />
        </Form.Item>
        <Form.Item name="areaIds" label={t("rule.where")} extra={t("rule.whereHelp")}>
          <Select
            mode="multiple"
            showSearch={{ optionFilterProp: "label" }}
            options={options(places.areas)}
          />
        </Form.Item>
        <Form.Item name="accessPointIds" label={t("rule.accessPoints")}>
          <Select
            mode="multiple"
            showSearch={{ optionFilterProp: "label" }}
            options={options(places.accessPoints)}
          />
        </Form.Item>
        <Form.Item name="scheduleId" label={t("rule.when")}>
          <Select allowClear placeholder={t("common.always")} options={options(places.schedules)} />
        </Form.Item>
        <Form.Item name="means" label={t("rule.means")}>
          <Select
            mode="multiple"
            placeholder={t("rule.everyMeans")}
            options={KINDS.map((kind) => ({ value: kind, label: t(`credentialKind.${kind}`) }))}
          />
        </Form.Item>
        <Form.Item name="minimumGrade" label={t("rule.minimumGrade")}>
          <Select options={GRADES.map((grade) => ({ value: grade, label: t(`grade.of.${grade}`) }))} />
        </Form.Item>
        <Form.Item name="overridesLockdown" valuePropName="checked">
          <Checkbox>{t("rule.overridesLockdown")}</Checkbox>
        </Form.Item>
        {mayWrite ? <NamesOnRequest text={t("view.askForNames")} /> : null}
        {problem?.code === "way-in-lost" ? (
          <WayInViolations violations={problem.violations ?? []} count={problem.violationCount ?? 0} />
        ) : null}
        {check.isSuccess ? (
          check.data.allowed ? (
            <p role="status">{t("rule.checkedFine", { count: check.data.personCount })}</p>
          ) : (
            <WayInViolations violations={check.data.violations} count={check.data.violationCount} />
          )
        ) : null}
        {mayWrite ? (
          <div className="actions">
            <Button type="primary" htmlType="submit" loading={save.isPending}>
              {t("common.save")}
            </Button>
            <Button
              loading={check.isPending}
              onClick={() => void form.validateFields().then((values) => check.mutate(ruleOf(values, rule)))}
            >
              {t("rule.check")}
            </Button>
          </div>
        ) : null}
      </Form>
    </Drawer>
  );
}
