import type { OpeningRefusal } from "@menshen/domain";
import { openingEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Input, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useSignedIn } from "../../api/session.tsx";
import { epochMsToLocalDateTime } from "../../components/local-time.ts";
import { FormField, FormGroup } from "./form-field.tsx";
import { AIMS, type Aim, type IntakeForm } from "./intake-draft.ts";
import { useMomentText } from "./moment-text.ts";

/** Open now, keep for later, or open what was kept. A hold that is chosen brings its doors and window along. */
export function AimFields(props: {
  form: IntakeForm;
  refusalsOf: (field: string) => readonly OpeningRefusal[];
  onChange: (part: Partial<IntakeForm>) => void;
}) {
  const { t } = useTranslation("openings");
  const { timeZone } = useSignedIn().community;
  const moment = useMomentText();
  const { form, refusalsOf, onChange } = props;
  const read = useQuery({
    queryKey: [openingEndpoints.list.id],
    queryFn: ({ signal }) => call(openingEndpoints.list, { signal }),
    enabled: form.aim === "fromHold",
  });
  const holds = (read.data?.items ?? []).filter(
    ({ holdUntil, holdEndedAt, state }) =>
      holdUntil !== undefined && holdEndedAt === undefined && state === "answered",
  );
  const choose = (id: string) => {
    const hold = holds.find((one) => one.id === id);
    if (hold === undefined) return;
    onChange({
      heldBy: id,
      accessPointIds: hold.accessPointIds,
      from: epochMsToLocalDateTime(hold.from, timeZone),
      until: epochMsToLocalDateTime(hold.until, timeZone),
    });
  };
  return (
    <>
      <FormGroup label={t("form.aim")} hint={t(`form.aimHelp.${form.aim}`)} refusals={[]}>
        <Radio.Group
          value={form.aim}
          onChange={(event) => onChange({ aim: event.target.value as Aim })}
          options={AIMS.map((aim) => ({ value: aim, label: t(`form.aimOf.${aim}`) }))}
        />
      </FormGroup>
      {form.aim === "hold" ? (
        <FormField label={t("form.holdUntil")} hint={t("form.holdHint")} refusals={refusalsOf("holdUntil")}>
          {(field) => (
            <Input
              {...field}
              type="datetime-local"
              value={form.holdUntil}
              onChange={(event) => onChange({ holdUntil: event.target.value })}
            />
          )}
        </FormField>
      ) : null}
      {form.aim === "fromHold" ? (
        <FormField label={t("form.heldBy")} hint={t("form.heldByHint")} refusals={refusalsOf("heldBy")}>
          {(field) => (
            <Select<string>
              {...field}
              placeholder={holds.length === 0 ? t("form.noHolds") : t("form.purposePlaceholder")}
              value={form.heldBy ?? null}
              onChange={choose}
              options={holds.map(({ authority, documentNumber, holdUntil, id }) => ({
                value: id,
                label: `${authority} ${documentNumber ?? ""} · ${t("heldUntil", { time: moment(holdUntil ?? 0) })}`,
              }))}
            />
          )}
        </FormField>
      ) : null}
    </>
  );
}
