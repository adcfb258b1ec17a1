import {
  COMPLAINT_CATEGORIES,
  COMPLAINT_KINDS,
  COMPLAINT_TEXT_MOST,
  type CodedComplaint,
  type ComplaintInput,
  complaintEndpoints,
  STAFF_BODIES,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Forbidden, Loading } from "../../components/page-states.tsx";
import { PaperReceipt } from "./paper-receipt.tsx";

type Draft = Partial<Pick<ComplaintInput, "kind" | "category" | "to">> & {
  readonly about?: string;
  readonly text: string;
};

const NOBODY = "nobody";

/** A complaint that somebody wrote on paper: entered as it is, with the same receipt for its writer. */
export function PaperPage() {
  const { t: text } = useTranslation("complaints");
  const mayEnter = useMay("complaints.enter");
  const [entered, setEntered] = useState<CodedComplaint>();
  if (!mayEnter) return <Forbidden />;
  return (
    <>
      <p className="complaint-no-print">
        <Link to="/complaints">{text("back")}</Link>
      </p>
      <PageHead title={text("paperForm.title")} lead={text("paperForm.lead")} />
      {entered === undefined ? (
        <PaperForm onEntered={setEntered} />
      ) : (
        <PaperReceipt entered={entered} onClose={() => setEntered(undefined)} />
      )}
    </>
  );
}

function PaperForm(props: { onEntered: (entered: CodedComplaint) => void }) {
  const { t: text } = useTranslation("complaints");
  const [draft, setDraft] = useState<Draft>({ text: "" });
  const recipients = useQuery({
    queryKey: [complaintEndpoints.staffRecipients.id],
    queryFn: ({ signal }) => call(complaintEndpoints.staffRecipients, { signal }),
  });
  const enter = useChange((body: ComplaintInput) => call(complaintEndpoints.enterPaper, { body }), {
    isUnderWay: true,
    onDone: props.onEntered,
    refusedText: (error) =>
      error instanceof ApiError && (error.code === "invalid-request" || error.code === "conflict")
        ? text("paperForm.refused")
        : undefined,
  });
  if (recipients.isPending) return <Loading />;
  if (recipients.isError) {
    return <Failed error={recipients.error} onRetry={() => void recipients.refetch()} />;
  }
  const { kind, category, to, about } = draft;
  const said = draft.text.trim();
  const put = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const isComplete =
    kind !== undefined && category !== undefined && to !== undefined && about !== undefined && said !== "";
  const aboutBody = STAFF_BODIES.find((body) => body === about);
  const whom =
    about === undefined || about === NOBODY
      ? {}
      : aboutBody === undefined
        ? { aboutStaffId: about }
        : { aboutBody };
  const abouts = [
    { value: NOBODY, label: text("paperForm.nobody") },
    ...STAFF_BODIES.map((body) => ({
      value: body,
      label: text("paperForm.aboutBody", { name: text(`body.${body}`) }),
    })),
    ...recipients.data.items.flatMap(({ body, staff }) =>
      staff.map(({ id, name }) => ({ value: id, label: `${name} · ${text(`body.${body}`)}` })),
    ),
  ];
  return (
    <form
      className="complaint-desk"
      onSubmit={(event) => {
        event.preventDefault();
        if (isComplete) enter.mutate({ kind, category, to, ...whom, text: said });
      }}
    >
      <Field label={text("paperForm.kind")}>
        {(id) => (
          <Select
            id={id}
            value={kind ?? null}
            onChange={(value) => put({ kind: value })}
            options={COMPLAINT_KINDS.map((value) => ({ value, label: text(`kind.${value}`) }))}
          />
        )}
      </Field>
      <Field label={text("paperForm.category")}>
        {(id) => (
          <Select
            id={id}
            value={category ?? null}
            onChange={(value) => put({ category: value })}
            options={COMPLAINT_CATEGORIES.map((value) => ({ value, label: text(`category.${value}`) }))}
          />
        )}
      </Field>
      <Field label={text("paperForm.about")}>
        {(id) => (
          <Select
            id={id}
            showSearch
            optionFilterProp="label"
            value={about ?? null}
            onChange={(value) => put({ about: value })}
            options={abouts}
          />
        )}
      </Field>
      <Field label={text("paperForm.to")}>
        {(id) => (
          <Select
            id={id}
            value={to === aboutBody ? null : (to ?? null)}
            onChange={(value) => put({ to: value })}
            options={STAFF_BODIES.filter((body) => body !== aboutBody).map((value) => ({
              value,
              label: text(`body.${value}`),
            }))}
          />
        )}
      </Field>
      <Field label={text("paperForm.text")}>
        {(id) => (
          <>
            <Input.TextArea
              id={id}
              aria-describedby={`${id}-help`}
              rows={6}
              maxLength={COMPLAINT_TEXT_MOST}
              value={draft.text}
              onChange={(event) => put({ text: event.target.value })}
            />
            <span id={`${id}-help`} className="quiet">
              {text("paperForm.textHelp")}
            </span>
          </>
        )}
      </Field>
      <span className="actions">
        <Button
          type="primary"
          htmlType="submit"
          loading={enter.isPending}
          disabled={!isComplete || to === aboutBody}
        >
          {text("paperForm.enter")}
        </Button>
      </span>
    </form>
  );
}

function Field(props: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="form-field">
      <label htmlFor={id}>{props.label}</label>
      {props.children(id)}
    </div>
  );
}
