import {
  EMERGENCY_PURPOSES,
  OPENING_PATHS,
  OPENING_PURPOSES,
  type OpeningPath,
  type OpeningPurpose,
} from "@menshen/domain";
import { custodyEndpoints, type OpeningOutcome, openingEndpoints } from "@menshen/wire";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Input, InputNumber, Radio, Select } from "antd";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { call } from "../../api/client.ts";
import { useRefresh } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { problemText } from "../../components/problem-text.ts";
import { AimFields } from "./aim-fields.tsx";
import { DocumentField } from "./document-field.tsx";
import { useDoorNames } from "./door-names.ts";
import { FormField, FormGroup } from "./form-field.tsx";
import { EMPTY_FORM, type IntakeForm, intakeOf } from "./intake-draft.ts";
import { IntakeSummary } from "./intake-summary.tsx";
import { useBodyName } from "./opening-state.tsx";

/** A new request: filled in, checked without a trace, then entered for good. */
export function IntakePage() {
  const { t } = useTranslation("openings");
  const { t: shared } = useTranslation();
  const { timeZone } = useSignedIn().community;
  const { message } = App.useApp();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const doors = useDoorNames();
  const bodyName = useBodyName();
  const [form, setForm] = useState<IntakeForm>(EMPTY_FORM);
  const verdictRef = useRef<HTMLDivElement>(null);

  const settings = useQuery({
    queryKey: [openingEndpoints.settings.id],
    queryFn: ({ signal }) => call(openingEndpoints.settings, { signal }),
  });
  const custody = useQuery({
    queryKey: [custodyEndpoints.status.id],
    queryFn: ({ signal }) => call(custodyEndpoints.status, { signal }),
  });
  const check = useMutation({
    mutationFn: () => call(openingEndpoints.check, { body: intakeOf(form, timeZone) }),
    onError: (error) => void message.error(problemText(shared, error), 6),
  });
  const enter = useMutation({
    mutationFn: () => call(openingEndpoints.request, { body: intakeOf(form, timeZone) }),
    onSuccess: async ({ accepted, opening }: OpeningOutcome) => {
      await refresh();
      if (!accepted) void message.info(t("form.refusedRecorded"), 8);
      void navigate(opening === undefined ? "/openings" : `/openings/${opening.id}`);
    },
    onError: (error) => void message.error(problemText(shared, error), 6),
  });

  const verdict = check.data;
  const change = (part: Partial<IntakeForm>) => {
    setForm({ ...form, ...part });
    // What was checked is no longer what stands here.
    if (verdict !== undefined) check.reset();
  };
  const refusalsOf = (field: string) => verdict?.refusals.filter((refusal) => refusal.field === field) ?? [];
  useEffect(() => {
    if (verdict !== undefined) verdictRef.current?.focus();
  }, [verdict]);

  const isEmergency = form.path === "emergency";
  const purposes: readonly OpeningPurpose[] = isEmergency ? EMERGENCY_PURPOSES : OPENING_PURPOSES;
  const members = custody.data?.custodians?.members ?? [];
  const doorsHint = isEmergency
    ? t("form.doorsHintEmergency")
    : form.isExtended
      ? t("form.doorsHintExtended")
      : t("form.doorsHint");
  const zone = t("form.zone", { zone: timeZone });

  return (
    <>
      <Link to="/openings" className="back-link">
        ← {t("back")}
      </Link>
      <PageHead title={t("form.title")} lead={t("form.lead")} />
      <form
        className="intake"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          check.mutate();
        }}
      >
        <FormGroup label={t("form.path")} refusals={refusalsOf("path")}>
          <Radio.Group
            value={form.path}
            onChange={(event) => change({ path: event.target.value as OpeningPath, purpose: undefined })}
            options={OPENING_PATHS.map((path) => ({ value: path, label: t(path) }))}
          />
          <p className="quiet">{isEmergency ? t("form.emergencyHelp") : t("form.ordinaryHelp")}</p>
        </FormGroup>

        {isEmergency ? null : <AimFields form={form} refusalsOf={refusalsOf} onChange={change} />}

        <h2>{t("form.document")}</h2>
        <FormField
          label={t("form.authority")}
          hint={t("form.authorityHint")}
          refusals={refusalsOf("authority")}
        >
          {(field) => (
            <Input
              {...field}
              maxLength={200}
              value={form.authority}
              onChange={(event) => change({ authority: event.target.value })}
            />
          )}
        </FormField>
        <FormField
          label={t("form.documentNumber")}
          hint={isEmergency ? t("form.scanLater") : ""}
          refusals={refusalsOf("documentNumber")}
        >
          {(field) => (
            <Input
              {...field}
              maxLength={200}
              value={form.documentNumber}
              onChange={(event) => change({ documentNumber: event.target.value })}
            />
          )}
        </FormField>
        <DocumentField
          label={t("form.scan")}
          hint={t("form.scanHint")}
          sha256={form.documentSha256}
          refusals={refusalsOf("documentSha256")}
          onChange={(documentSha256) => setForm((known) => ({ ...known, documentSha256 }))}
        />

        <h2>{t("form.scope")}</h2>
        <FormField
          label={t("form.doors")}
          hint={doors.failed ? t("form.noDoors") : doorsHint}
          refusals={refusalsOf("accessPointIds")}
        >
          {(field) => (
            <Select
              {...field}
              mode="multiple"
              placeholder={t("form.doorsPlaceholder")}
              showSearch={{ optionFilterProp: "label" }}
              value={[...form.accessPointIds]}
              onChange={(accessPointIds: string[]) => change({ accessPointIds })}
              options={doors.all.map(({ id, name }) => ({ value: id, label: name }))}
            />
          )}
        </FormField>
        <div className="intake__pair">
          <FormField label={t("form.from")} hint={zone} refusals={refusalsOf("from")}>
            {(field) => (
              <Input
                {...field}
                type="datetime-local"
                step={1}
                value={form.from}
                onChange={(event) => change({ from: event.target.value })}
              />
            )}
          </FormField>
          <FormField label={t("form.until")} hint={zone} refusals={refusalsOf("until")}>
            {(field) => (
              <Input
                {...field}
                type="datetime-local"
                step={1}
                value={form.until}
                onChange={(event) => change({ until: event.target.value })}
              />
            )}
          </FormField>
        </div>
        <div className="intake__pair">
          <FormField label={t("form.purpose")} refusals={refusalsOf("purpose")}>
            {(field) => (
              <Select<OpeningPurpose>
                {...field}
                placeholder={t("form.purposePlaceholder")}
                value={form.purpose ?? null}
                onChange={(purpose) => change({ purpose })}
                options={purposes.map((purpose) => ({ value: purpose, label: t(`purposeOf.${purpose}`) }))}
              />
            )}
          </FormField>
          <FormField
            label={t("form.entryCap")}
            hint={t("form.entryCapHint")}
            refusals={refusalsOf("entryCap")}
          >
            {(field) => (
              <InputNumber
                {...field}
                precision={0}
                value={form.entryCap}
                onChange={(entryCap) => change({ entryCap })}
              />
            )}
          </FormField>
        </div>
        {isEmergency ? null : (
          <div className="form-field">
            <Checkbox
              checked={form.isExtended}
              onChange={(event) => change({ isExtended: event.target.checked })}
            >
              {t("form.extended")}
            </Checkbox>
            <p className="quiet">{t("form.extendedHint")}</p>
          </div>
        )}
        {form.isExtended && !isEmergency ? (
          <>
            <FormField
              label={t("form.extensionReason")}
              hint={t("form.extensionReasonHint")}
              refusals={refusalsOf("extension")}
            >
              {(field) => (
                <Input
                  {...field}
                  maxLength={200}
                  value={form.extensionReason}
                  onChange={(event) => change({ extensionReason: event.target.value })}
                />
              )}
            </FormField>
            <DocumentField
              label={t("form.extensionScan")}
              hint={t("form.scanHint")}
              sha256={form.extensionSha256}
              refusals={[]}
              onChange={(extensionSha256) => setForm((known) => ({ ...known, extensionSha256 }))}
            />
          </>
        ) : null}
        {isEmergency ? (
          <FormGroup label={t("form.onCall")} hint={t("form.onCallHint")} refusals={refusalsOf("onCall")}>
            {members.length === 0 ? (
              <p className="quiet">{t("form.noCustodians")}</p>
            ) : (
              <Checkbox.Group
                value={[...form.onCall]}
                onChange={(onCall) => change({ onCall: onCall.map(Number) })}
                options={members.map(({ index, body }) => ({ value: index, label: bodyName(body) }))}
              />
            )}
          </FormGroup>
        ) : null}

        <h2>{t("form.times")}</h2>
        <div className="intake__pair">
          <FormField
            label={t("form.deadline")}
            hint={isEmergency ? t("form.deadlineHintEmergency") : t("form.deadlineHint")}
            refusals={refusalsOf("deadline")}
          >
            {(field) => (
              <Input
                {...field}
                type="datetime-local"
                value={form.deadline}
                onChange={(event) => change({ deadline: event.target.value })}
              />
            )}
          </FormField>
          <FormField
            label={t("form.sealUntil")}
            hint={settings.data === undefined ? "" : t("form.sealHint", { days: settings.data.sealMaxDays })}
            refusals={refusalsOf("sealUntil")}
          >
            {(field) => (
              <Input
                {...field}
                type="datetime-local"
                value={form.sealUntil}
                onChange={(event) => change({ sealUntil: event.target.value })}
              />
            )}
          </FormField>
        </div>

        <div ref={verdictRef} tabIndex={-1} className="intake__verdict" role="status">
          {verdict === undefined ? null : verdict.accepted ? (
            <IntakeSummary form={form} doorName={doors.nameOf} />
          ) : (
            <Alert
              type="warning"
              title={t("form.refusedTitle", { count: verdict.refusals.length })}
              description={t("form.refusedHelp")}
            />
          )}
        </div>
        <div className="actions">
          {verdict?.accepted === true ? (
            <Button type="primary" loading={enter.isPending} onClick={() => enter.mutate()}>
              {t("form.submit")}
            </Button>
          ) : (
            <Button type="primary" htmlType="submit" loading={check.isPending}>
              {t("form.check")}
            </Button>
          )}
          {verdict?.accepted === false ? (
            <Button loading={enter.isPending} onClick={() => enter.mutate()}>
              {t("form.recordRefusal")}
            </Button>
          ) : null}
        </div>
      </form>
    </>
  );
}
