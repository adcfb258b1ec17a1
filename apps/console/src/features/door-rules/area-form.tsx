import { type AreaRules, doorRulesEndpoints } from "@menshen/wire";
import { Checkbox, Form, InputNumber, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { type AreaDraft, areaDraft, areaRulesOf } from "./area-draft.ts";
import { SaveOrCancel, useRuleRefusal } from "./form-parts.tsx";
import { needsToKnow } from "./rule-says.ts";

const ANTI_PASSBACK = ["off", "soft", "timed", "hard"] as const;
const WHEN_APART = ["admit", "refuse"] as const;

/** How an area counts persons; each setting says what it does to somebody at the door. */
export function AreaForm(props: { rules: AreaRules; onClose: () => void }) {
  const { t } = useTranslation("doorRules");
  const { rules, onClose } = props;
  const refusedText = useRuleRefusal();
  const save = useChange(
    (draft: AreaDraft) =>
      call(doorRulesEndpoints.setArea, {
        params: { areaId: rules.areaId },
        body: areaRulesOf(draft, rules.revision),
      }),
    { onDone: onClose, refusedText },
  );
  return (
    <Form<AreaDraft>
      name={`area-${rules.areaId}`}
      layout="vertical"
      className="rule-form"
      initialValues={areaDraft(rules)}
      onFinish={(draft) => save.mutate(draft)}
    >
      <Form.Item name="counted" valuePropName="checked" extra={t("counted.help")}>
        <Checkbox>{t("counted.label")}</Checkbox>
      </Form.Item>
      <Form.Item name="antiPassback" label={t("antiPassback.label")} extra={t("antiPassback.help")}>
        <Radio.Group
          className="rule-form__choices"
          options={ANTI_PASSBACK.map((value) => ({ value, label: t(`antiPassback.${value}`) }))}
        />
      </Form.Item>
      <Form.Item noStyle shouldUpdate>
        {({ getFieldValue }) =>
          getFieldValue("antiPassback") === "timed" ? (
            <Form.Item name="timedMinutes" label={t("timedMinutes")}>
              <InputNumber min={1} max={1_440} precision={0} />
            </Form.Item>
          ) : null
        }
      </Form.Item>
      <Form.Item name="occupancyLimit" label={t("limit.label")} extra={t("limit.help")}>
        <InputNumber min={1} max={100_000} precision={0} />
      </Form.Item>
      <Form.Item name="staffFirst" valuePropName="checked" extra={t("staffFirst.help")}>
        <Checkbox>{t("staffFirst.label")}</Checkbox>
      </Form.Item>
      <Form.Item name="twoPersons" valuePropName="checked" extra={t("twoPersons.help")}>
        <Checkbox>{t("twoPersons.label")}</Checkbox>
      </Form.Item>
      <Form.Item name="escorted" valuePropName="checked" extra={t("escort.help")}>
        <Checkbox>{t("escort.label")}</Checkbox>
      </Form.Item>
      <Form.Item noStyle shouldUpdate>
        {({ getFieldValue }) =>
          getFieldValue("escorted") === true ? (
            <Form.Item name="escortSeconds" label={t("escort.seconds")}>
              <InputNumber min={1} max={60} precision={0} />
            </Form.Item>
          ) : null
        }
      </Form.Item>
      <Form.Item name="countsOnlyConfirmed" valuePropName="checked" extra={t("confirmed.help")}>
        <Checkbox>{t("confirmed.label")}</Checkbox>
      </Form.Item>
      <Form.Item noStyle shouldUpdate>
        {({ getFieldsValue }) => (
          <Form.Item
            name="whenApart"
            label={t("whenApart.label")}
            extra={t("whenApart.help")}
            hidden={!needsToKnow(getFieldsValue(true))}
          >
            <Radio.Group
              className="rule-form__choices"
              options={WHEN_APART.map((value) => ({ value, label: t(`whenApart.${value}`) }))}
            />
          </Form.Item>
        )}
      </Form.Item>
      <SaveOrCancel isPending={save.isPending} onCancel={onClose} />
    </Form>
  );
}
