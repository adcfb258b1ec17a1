import { type AreaRules, doorRulesEndpoints, type PortalRules, scheduleEndpoints } from "@menshen/wire";
import { Button, Checkbox, Form, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { SaveOrCancel, useRuleRefusal } from "./form-parts.tsx";
import { type FloorDraft, type PortalDraft, portalDraft, portalRulesOf } from "./portal-draft.ts";

const MOST_FLOORS = 64;

/** What holds at one door; each setting says what it does there. */
export function PortalForm(props: { rules: PortalRules; areas: readonly AreaRules[]; onClose: () => void }) {
  const { t } = useTranslation("doorRules");
  const { onClose, rules } = props;
  const refusedText = useRuleRefusal();
  const save = useChange(
    (draft: PortalDraft) =>
      call(doorRulesEndpoints.setPortal, {
        params: { portalId: rules.portalId },
        body: portalRulesOf(draft, rules.revision),
      }),
    { onDone: onClose, refusedText },
  );
  return (
    <Form<PortalDraft>
      name={`portal-${rules.portalId}`}
      layout="vertical"
      className="rule-form"
      initialValues={portalDraft(rules)}
      onFinish={(draft) => save.mutate(draft)}
    >
      <Form.Item name="preAlarmSeconds" label={t("preAlarm.label")} extra={t("preAlarm.help")}>
        <InputNumber min={1} max={600} precision={0} />
      </Form.Item>
      <Form.Item name="holds" valuePropName="checked" extra={t("hold.help")}>
        <Checkbox>{t("hold.label")}</Checkbox>
      </Form.Item>
      <Form.Item noStyle shouldUpdate>
        {({ getFieldValue }) =>
          getFieldValue("holds") === true ? (
            <>
              <Form.Item name="holdWithinSeconds" label={t("hold.within")}>
                <InputNumber min={1} max={10} precision={0} />
              </Form.Item>
              <Form.Item name="holdMinutes" label={t("hold.minutes")}>
                <InputNumber min={1} max={720} precision={0} />
              </Form.Item>
            </>
          ) : (
            <Form.Item name="twoPersonSeconds" label={t("twoPerson.label")} extra={t("twoPerson.help")}>
              <InputNumber min={1} max={60} precision={0} />
            </Form.Item>
          )
        }
      </Form.Item>
      <Form.Item name="interlockGroup" label={t("interlock.label")} extra={t("interlock.help")}>
        <InputNumber min={1} max={15} precision={0} />
      </Form.Item>
      <Form.Item name="turnstile" valuePropName="checked" extra={t("turnstile.help")}>
        <Checkbox>{t("turnstile.label")}</Checkbox>
      </Form.Item>
      <Form.Item name="plate" valuePropName="checked" extra={t("plate.help")}>
        <Checkbox>{t("plate.label")}</Checkbox>
      </Form.Item>
      <Floors areas={props.areas} />
      <SaveOrCancel isPending={save.isPending} onCancel={onClose} />
    </Form>
  );
}

function Floors(props: { areas: readonly AreaRules[] }) {
  const { t } = useTranslation("doorRules");
  const { t: common } = useTranslation();
  const schedules = usePaged(scheduleEndpoints.list, { limit: 500 });
  const empty: FloorDraft = { output: null, areaId: null };
  return (
    <fieldset className="rule-form__floors">
      <legend>{t("floors.label")}</legend>
      <p className="quiet">{t("floors.help")}</p>
      <Form.List name="floors">
        {(lines, { add, remove }) => (
          <>
            {lines.map((line, index) => (
              <div key={line.key} className="rule-form__floor">
                <Form.Item name={[line.name, "output"]} label={t("floors.output")}>
                  <InputNumber min={0} max={63} precision={0} />
                </Form.Item>
                <Form.Item name={[line.name, "areaId"]} label={t("floors.area")}>
                  <Select
                    options={props.areas.map(({ areaId, areaName }) => ({ value: areaId, label: areaName }))}
                  />
                </Form.Item>
                <Form.Item name={[line.name, "scheduleId"]} label={t("floors.free")}>
                  <Select
                    allowClear
                    options={schedules.items.map(({ id, name }) => ({ value: id, label: name }))}
                  />
                </Form.Item>
                <Button
                  type="text"
                  aria-label={t("floors.remove", { number: index + 1 })}
                  onClick={() => remove(line.name)}
                >
                  {common("common.remove")}
                </Button>
              </div>
            ))}
            {lines.length < MOST_FLOORS ? (
              <Button onClick={() => add(empty)}>{t("floors.add")}</Button>
            ) : null}
          </>
        )}
      </Form.List>
    </fieldset>
  );
}
