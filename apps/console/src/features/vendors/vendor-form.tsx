import { GRADES } from "@menshen/domain";
import { type Vendor, type VendorPageFields, vendorEndpoints } from "@menshen/wire";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { draftOf, EMPTY_VENDOR, pageOf, type VendorDraft } from "./vendor-draft.ts";

const LISTS = ["adIncome", "dataHeld", "subProcessors", "incidents"] as const;

/** A vendor's page, as whoever answers for it says it. */
export function VendorForm(props: { vendor: Vendor | undefined; onDone: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("votes");
  const id = useId();
  const { vendor } = props;
  const [draft, setDraft] = useState<VendorDraft>(
    vendor === undefined ? EMPTY_VENDOR : draftOf(vendor.page, text("vendors.nothing")),
  );
  const change = (changes: Partial<VendorDraft>) => setDraft((before) => ({ ...before, ...changes }));
  const save = useChange(
    (page: VendorPageFields) =>
      vendor === undefined
        ? call(vendorEndpoints.create, { body: page })
        : call(vendorEndpoints.update, {
            params: { id: vendor.id },
            body: { page, revision: vendor.revision },
          }),
    { onDone: props.onDone },
  );
  const line = (name: Exclude<keyof VendorDraft, (typeof LISTS)[number] | "grade">, type = "text") => (
    <div className="form-field">
      <label htmlFor={`${id}-${name}`}>{text(`vendors.${name}`)}</label>
      <Input
        id={`${id}-${name}`}
        type={type}
        maxLength={name === "name" ? 80 : 400}
        value={draft[name]}
        onChange={(event) => change({ [name]: event.target.value })}
      />
    </div>
  );
  return (
    <form
      className="intake"
      onSubmit={(event) => {
        event.preventDefault();
        if (draft.name.trim() !== "") save.mutate(pageOf(draft));
      }}
    >
      {line("name")}
      <div className="intake__pair">
        {line("owner")}
        {line("beneficialOwner")}
      </div>
      <div className="intake__pair">
        {line("contractNumber")}
        {line("contractClauses")}
      </div>
      <div className="intake__pair">
        {line("contractFrom", "date")}
        {line("contractUntil", "date")}
      </div>
      {line("fees")}
      <div className="intake__pair">
        <div className="form-field">
          <label htmlFor={`${id}-grade`}>{text("vendors.grade")}</label>
          <Select
            id={`${id}-grade`}
            allowClear
            value={draft.grade === "" ? null : draft.grade}
            onChange={(grade) => change({ grade: grade ?? "" })}
            options={GRADES.map((value) => ({ value, label: value }))}
          />
        </div>
        {line("gradeUntil", "date")}
      </div>
      {line("gradeEvidence")}
      {LISTS.map((name) => (
        <div key={name} className="form-field">
          <label htmlFor={`${id}-${name}`}>{text(`vendors.lists.${name}`)}</label>
          <Input.TextArea
            id={`${id}-${name}`}
            rows={2}
            value={draft[name]}
            aria-describedby={`${id}-lists`}
            onChange={(event) => change({ [name]: event.target.value })}
          />
        </div>
      ))}
      <p className="quiet" id={`${id}-lists`}>
        {text("vendors.listHelp")}
      </p>
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={draft.name.trim() === ""} loading={save.isPending}>
          {text("vendors.save")}
        </Button>
        <Button onClick={props.onDone}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}
