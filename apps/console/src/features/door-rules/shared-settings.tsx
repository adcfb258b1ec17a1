import { type DoorRuleSettingsSet, type DoorRules, doorRulesEndpoints } from "@menshen/wire";
import { Checkbox, Form, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { SaveOrCancel } from "./form-parts.tsx";
import { RuleRow } from "./rule-row.tsx";

type Draft = Omit<DoorRuleSettingsSet, "revision">;

/** What holds for all areas: how long an entry counts, and what guards are told. */
export function SharedSettings(props: { rules: DoorRules; mayWrite: boolean }) {
  const { t } = useTranslation("doorRules");
  const { presenceHours, revision, tellsAtDoor } = props.rules;
  return (
    <section className="section" aria-label={t("settings")}>
      <ul className="rule-rows">
        <RuleRow
          name={t("settings")}
          says={[t("hours.say", { count: presenceHours }), t(tellsAtDoor ? "tells.on" : "tells.off")]}
          mayWrite={props.mayWrite}
          form={(close) => (
            <SettingsForm initial={{ presenceHours, tellsAtDoor }} revision={revision} onClose={close} />
          )}
        />
      </ul>
    </section>
  );
}

function SettingsForm(props: { initial: Draft; revision: number; onClose: () => void }) {
  const { t } = useTranslation("doorRules");
  const { initial, onClose, revision } = props;
  const save = useChange(
    (draft: Draft) => call(doorRulesEndpoints.setSettings, { body: { ...draft, revision } }),
    { onDone: onClose },
  );
  return (
    <Form<Draft>
      name="door-rule-settings"
      layout="vertical"
      className="rule-form"
      initialValues={initial}
      onFinish={(draft) => save.mutate(draft)}
    >
      <Form.Item
        name="presenceHours"
        label={t("hours.label")}
        extra={t("hours.help")}
        normalize={(value: number | null) => value ?? initial.presenceHours}
      >
        <InputNumber min={1} max={168} precision={0} />
      </Form.Item>
      <Form.Item name="tellsAtDoor" valuePropName="checked" extra={t("tells.help")}>
        <Checkbox>{t("tells.label")}</Checkbox>
      </Form.Item>
      <SaveOrCancel isPending={save.isPending} onCancel={onClose} />
    </Form>
  );
}
