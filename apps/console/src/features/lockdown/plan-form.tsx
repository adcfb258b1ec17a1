import {
  type LockdownPlan,
  type LockdownPlanCreate,
  lockdownPlanEndpoints,
  portalEndpoints,
} from "@menshen/wire";
import { Button, Form, Input, InputNumber, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { levelKey } from "./active-lockdowns.tsx";

interface Draft {
  readonly name: string;
  readonly rank: number;
  readonly level: number;
  readonly which: "all" | "some";
  readonly portalIds?: string[];
  readonly durationMinutes: number;
  readonly instruction?: string;
}

function bodyOf(draft: Draft): LockdownPlanCreate {
  const instruction = draft.instruction?.trim() ?? "";
  return {
    name: draft.name.trim(),
    rank: draft.rank,
    level: draft.level,
    durationMinutes: draft.durationMinutes,
    ...(draft.which === "some" ? { portalIds: draft.portalIds ?? [] } : {}),
    ...(instruction === "" ? {} : { instruction }),
  };
}

/** A lockdown prepared ahead: new, or as it stands. */
export function PlanForm(props: { plan?: LockdownPlan; onClose: () => void }) {
  const { t } = useTranslation("lockdown");
  const { t: common } = useTranslation();
  const { plan, onClose } = props;
  const portals = usePaged(portalEndpoints.list, { limit: 500 });
  const save = useChange(
    async (draft: Draft): Promise<unknown> =>
      plan === undefined
        ? await call(lockdownPlanEndpoints.create, { body: bodyOf(draft) })
        : await call(lockdownPlanEndpoints.update, {
            params: { id: plan.id },
            body: { ...bodyOf(draft), revision: plan.revision },
          }),
    { onDone: onClose },
  );
  const initial: Draft = {
    name: plan?.name ?? "",
    rank: plan?.rank ?? 1,
    level: plan?.level ?? 1,
    which: plan?.portalIds === undefined ? "all" : "some",
    portalIds: plan?.portalIds ?? [],
    durationMinutes: plan?.durationMinutes ?? 60,
    instruction: plan?.instruction ?? "",
  };
  return (
    <Form<Draft>
      layout="vertical"
      className="plan-form"
      initialValues={initial}
      onFinish={(draft) => save.mutate(draft)}
    >
      <Form.Item
        name="name"
        label={common("common.name")}
        rules={[{ required: true, whitespace: true, message: t("nameMissing") }]}
      >
        <Input maxLength={80} autoFocus />
      </Form.Item>
      <Form.Item name="rank" label={t("rank")}>
        <InputNumber min={1} max={9} precision={0} />
      </Form.Item>
      <Form.Item name="level" label={t("levelLabel")}>
        <Radio.Group className="plan-form__levels">
          {([1, 2, 3] as const).map((level) => (
            <Radio key={level} value={level}>
              {t(`level.${levelKey(level)}`)}
            </Radio>
          ))}
        </Radio.Group>
      </Form.Item>
      <Form.Item name="which" label={t("doors")}>
        <Radio.Group className="plan-form__levels">
          <Radio value="all">{t("allDoors")}</Radio>
          <Radio value="some">{t("someDoors")}</Radio>
        </Radio.Group>
      </Form.Item>
      <Form.Item noStyle shouldUpdate>
        {({ getFieldValue }) =>
          getFieldValue("which") === "some" ? (
            <Form.Item
              name="portalIds"
              label={t("someDoors")}
              rules={[{ required: true, type: "array", min: 1, message: t("doorsMissing") }]}
            >
              <Select
                mode="multiple"
                showSearch={{ optionFilterProp: "label" }}
                options={portals.items.map((portal) => ({ value: portal.id, label: portal.name }))}
              />
            </Form.Item>
          ) : null
        }
      </Form.Item>
      <Form.Item name="durationMinutes" label={t("duration")}>
        <InputNumber min={5} max={1_440} precision={0} />
      </Form.Item>
      <Form.Item name="instruction" label={t("instruction")}>
        <Input.TextArea maxLength={1_000} autoSize={{ minRows: 2, maxRows: 6 }} />
      </Form.Item>
      <span className="actions">
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {common("common.save")}
        </Button>
        <Button onClick={onClose}>{common("common.cancel")}</Button>
      </span>
    </Form>
  );
}
