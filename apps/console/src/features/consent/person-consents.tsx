import "./texts/index.ts";
import "./consent.css";
import { CONSENT_PURPOSE_TEXTS, canonicalJson } from "@menshen/domain";
import {
  type ConsentRecord,
  consentDeskEndpoints,
  consentNoticeEndpoints,
  type Person,
  personEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { useViewKey } from "../../api/view-reason.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { usePreferences } from "../../preferences.tsx";
import { Enrolment } from "./enrolment.tsx";
import { formNumber } from "./paper-form.tsx";
import { PrintedReceipt } from "./printed-receipt.tsx";

/** What somebody agreed to, for the desk: enter a paper, withdraw by one press, print the receipt, export all. */
export function PersonConsents(props: { person: Person }) {
  const { t: text } = useTranslation("consent");
  const mayKeep = useMay("consents.keep");
  const { language } = usePreferences();
  const own = language === "en" ? "en" : "zh-CN";
  const [printed, setPrinted] = useState<string>();
  const { person } = props;
  const params = { id: person.id };
  const viewKey = useViewKey();
  const list = useQuery({
    queryKey: [consentDeskEndpoints.list.id, person.id, viewKey],
    queryFn: ({ signal }) => call(consentDeskEndpoints.list, { params, signal }),
    enabled: mayKeep,
  });
  const withdraw = useChange((id: string) => call(consentDeskEndpoints.withdraw, { params: { id } }), {
    doneText: text("person.withdrawn"),
  });
  const save = useChange(() => call(consentDeskEndpoints.export, { params }), {
    isUnderWay: true,
    onDone: (all) => saveFile(`consents-${person.id}.json`, canonicalJson(all)),
  });
  if (!mayKeep || list.data === undefined) return null;
  const { items } = list.data;
  const receiptOf = ({ receipt, withdrawalReceipt }: ConsentRecord) => (withdrawalReceipt ?? receipt)?.text;
  if (printed !== undefined) {
    return <PrintedReceipt text={printed} onClose={() => setPrinted(undefined)} />;
  }
  return (
    <section className="consent-desk" aria-label={text("person.title")}>
      <h3>{text("person.title")}</h3>
      {items.length === 0 ? <p>{text("person.none")}</p> : null}
      <ul className="plain-list">
        {items.map((record) => {
          const receipt = receiptOf(record);
          return (
            <li key={record.recordId}>
              <span>
                <strong>{CONSENT_PURPOSE_TEXTS[record.purpose][own]}</strong> · {record.processor}
                <br />
                {text(`person.state.${record.state}`)} · {text(`person.way.${record.way}`)} ·{" "}
                <ExactMoment epochMs={record.withdrawnAt ?? record.givenAt ?? record.enteredAt} />
              </span>
              <span className="actions">
                {receipt === undefined ? null : (
                  <Button onClick={() => setPrinted(receipt)}>{text("person.receipt")}</Button>
                )}
                {["in-force", "waiting", "suspended"].includes(record.state) ? (
                  <Button loading={withdraw.isPending} onClick={() => withdraw.mutate(record.recordId)}>
                    {text("person.withdraw")}
                  </Button>
                ) : null}
              </span>
            </li>
          );
        })}
      </ul>
      <EnterPaper person={person} />
      {items.length === 0 ? null : (
        <Button loading={save.isPending} onClick={() => save.mutate(undefined)}>
          {text("person.export")}
        </Button>
      )}
      <Enrolment personId={person.id} />
    </section>
  );
}

function EnterPaper(props: { person: Person }) {
  const { t: text } = useTranslation("consent");
  const { t } = useTranslation();
  const { language } = usePreferences();
  const own = language === "en" ? "en" : "zh-CN";
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  const [noticeId, setNoticeId] = useState<string>();
  const [number, setNumber] = useState("");
  const [guardianId, setGuardianId] = useState("");
  const { person } = props;
  const dwellingId = person.residencies.find(({ state }) => state === "current")?.dwellingId;
  const viewKey = useViewKey();
  const notices = useQuery({
    queryKey: [consentNoticeEndpoints.published.id],
    queryFn: ({ signal }) => call(consentNoticeEndpoints.published, { signal }),
    enabled: isOpen,
  });
  const household = useQuery({
    queryKey: [personEndpoints.list.id, "household", dwellingId, viewKey],
    queryFn: ({ signal }) =>
      call(personEndpoints.list, {
        query: { limit: 50, ...(dwellingId === undefined ? {} : { dwellingId }) },
        signal,
      }),
    enabled: isOpen && dwellingId !== undefined,
  });
  const asking = notices.data?.items.filter(({ current }) => current) ?? [];
  const notice = asking.find((one) => one.id === noticeId);
  const isNumberRight = notice !== undefined && number.trim().toUpperCase() === formNumber(notice);
  const enter = useChange(
    () =>
      call(consentDeskEndpoints.enterPaper, {
        params: { id: person.id },
        body: {
          purpose: notice?.purpose ?? "service-contact",
          noticeSha256: notice?.sha256 ?? "",
          ...(guardianId === "" ? {} : { guardianId }),
        },
      }),
    {
      doneText: text("person.entered"),
      onDone: () => {
        setIsOpen(false);
        setNumber("");
      },
    },
  );
  if (!isOpen) return <Button onClick={() => setIsOpen(true)}>{text("person.enter")}</Button>;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isNumberRight) enter.mutate(undefined);
      }}
    >
      <label htmlFor={`${id}-which`}>
        {text("person.which")}
        <Select
          id={`${id}-which`}
          autoFocus
          value={noticeId ?? null}
          onChange={setNoticeId}
          options={asking.map((one) => ({
            value: one.id,
            label: `${CONSENT_PURPOSE_TEXTS[one.purpose][own]} · ${one.processor.name}`,
          }))}
        />
      </label>
      <label htmlFor={`${id}-number`}>
        {text("person.number")}
        <Input
          id={`${id}-number`}
          maxLength={8}
          value={number}
          onChange={({ target }) => setNumber(target.value)}
        />
      </label>
      {notice !== undefined && number.trim().length === 8 && !isNumberRight ? (
        <Alert type="error" title={text("person.numberWrong")} />
      ) : null}
      <label htmlFor={`${id}-guardian`}>
        {text("person.guardian")}
        <Select
          id={`${id}-guardian`}
          value={guardianId}
          onChange={setGuardianId}
          options={[
            { value: "", label: text("person.self") },
            ...(household.data?.items ?? [])
              .filter((one) => one.id !== person.id)
              .map((one) => ({ value: one.id, label: one.displayName })),
          ]}
        />
      </label>
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={!isNumberRight} loading={enter.isPending}>
          {text("person.save")}
        </Button>
        <Button onClick={() => setIsOpen(false)}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}

function saveFile(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
