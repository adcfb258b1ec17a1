import { StateMark } from "@menshen/ui";
import {
  type ChangeReason,
  personEndpoints,
  type SharingRecipient,
  type SharingRecipientInput,
  sharingEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { useHeldReason, useViewKey } from "../../api/view-reason.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonForm } from "../../components/reason-form.tsx";
import { NamesOnRequest } from "../../components/residents-data.tsx";
import { codeOf } from "./message-words.tsx";

const SHOWN = 20;
const linesOf = (text: string) => [
  ...new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
  ),
];

/** The register of those who may get residents' data, each by a consent of its own. */
export function RecipientsPage() {
  const { t: text } = useTranslation("messages");
  const mayRegister = useMay("sharing.write");
  const [isAdding, setIsAdding] = useState(false);
  const list = useQuery({
    queryKey: [sharingEndpoints.list.id],
    queryFn: ({ signal }) => call(sharingEndpoints.list, { signal }),
  });
  return (
    <>
      <p>
        <Link to="/messages">{text("recipients.back")}</Link>
      </p>
      <PageHead
        title={text("recipients.title")}
        lead={text("recipients.lead")}
        action={
          mayRegister && !isAdding ? (
            <Button type="primary" onClick={() => setIsAdding(true)}>
              {text("recipients.add")}
            </Button>
          ) : undefined
        }
      />
      <p className="quiet">{text("recipients.belongs")}</p>
      {isAdding ? <RecipientForm onDone={() => setIsAdding(false)} /> : null}
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.data?.items.length === 0 ? <p>{text("recipients.none")}</p> : null}
      {list.data?.items.map((recipient) => (
        <Recipient key={recipient.id} recipient={recipient} />
      ))}
    </>
  );
}

function Recipient(props: { recipient: SharingRecipient }) {
  const { t: text } = useTranslation("messages");
  const mayRegister = useMay("sharing.write");
  const mayGive = useMay("sharing.give");
  const [isGiving, setIsGiving] = useState(false);
  const { recipient } = props;
  const { id, name, purpose, contact, subProcessors, since, endedAt } = recipient;
  const end = useChange(() => call(sharingEndpoints.end, { params: { id } }));
  const isActive = endedAt === undefined;
  return (
    <section className="section" aria-label={name}>
      <h2>{name}</h2>
      <StateMark tone={isActive ? "granted" : "quiet"}>
        {text(isActive ? "recipients.active" : "recipients.ended")}
      </StateMark>
      <dl className="fact-list">
        <Fact name={text("recipients.purpose")}>{purpose}</Fact>
        <Fact name={text("recipients.contact")}>{contact}</Fact>
        <Fact name={text("recipients.subProcessors")}>
          {subProcessors.length === 0 ? text("recipients.noSubs") : subProcessors.join(" · ")}
        </Fact>
        <Fact name={text("recipients.since")}>
          <ExactMoment epochMs={since} />
        </Fact>
        {endedAt === undefined ? null : (
          <Fact name={text("recipients.endedAt")}>
            <ExactMoment epochMs={endedAt} />
          </Fact>
        )}
      </dl>
      {isGiving ? <GiveForm recipient={recipient} onClose={() => setIsGiving(false)} /> : null}
      <span className="actions">
        {isActive && mayGive && !isGiving ? (
          <Button onClick={() => setIsGiving(true)}>{text("recipients.give")}</Button>
        ) : null}
        {isActive && mayRegister ? (
          <Button loading={end.isPending} onClick={() => end.mutate(undefined)}>
            {text("recipients.end")}
          </Button>
        ) : null}
      </span>
    </section>
  );
}

function Fact(props: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function RecipientForm(props: { onDone: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("messages");
  const id = useId();
  const [form, setForm] = useState({ name: "", purpose: "", contact: "", subProcessors: "" });
  const save = useChange((body: SharingRecipientInput) => call(sharingEndpoints.register, { body }), {
    onDone: props.onDone,
    refusedText: (error) => (codeOf(error) === "conflict" ? text("recipients.taken") : undefined),
  });
  const isWhole = [form.name, form.purpose, form.contact].every((said) => said.trim() !== "");
  const line = (name: "name" | "purpose" | "contact", maxLength: number) => (
    <div className="form-field">
      <label htmlFor={`${id}-${name}`}>{text(`recipients.${name}`)}</label>
      <Input
        id={`${id}-${name}`}
        maxLength={maxLength}
        value={form[name]}
        {...(name === "name" ? { "aria-describedby": `${id}-help` } : {})}
        onChange={(event) => setForm({ ...form, [name]: event.target.value })}
      />
      {name === "name" ? (
        <p className="quiet" id={`${id}-help`}>
          {text("recipients.nameHelp")}
        </p>
      ) : null}
    </div>
  );
  return (
    <form
      className="intake"
      onSubmit={(event) => {
        event.preventDefault();
        const { name, purpose, contact, subProcessors } = form;
        if (!isWhole) return;
        save.mutate({
          name: name.trim(),
          purpose: purpose.trim(),
          contact: contact.trim(),
          subProcessors: linesOf(subProcessors),
        });
      }}
    >
      {line("name", 80)}
      {line("purpose", 200)}
      {line("contact", 200)}
      <div className="form-field">
        <label htmlFor={`${id}-subs`}>{text("recipients.subProcessors")}</label>
        <Input.TextArea
          id={`${id}-subs`}
          rows={2}
          value={form.subProcessors}
          aria-describedby={`${id}-subs-help`}
          onChange={(event) => setForm({ ...form, subProcessors: event.target.value })}
        />
        <p className="quiet" id={`${id}-subs-help`}>
          {text("recipients.subHelp")}
        </p>
      </div>
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={!isWhole} loading={save.isPending}>
          {text("recipients.save")}
        </Button>
        <Button onClick={props.onDone}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}

/** Gives one resident's name and homes, or says in words why it may not. */
function GiveForm(props: { recipient: SharingRecipient; onClose: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("messages");
  const id = useId();
  const viewKey = useViewKey();
  const held = useHeldReason();
  const { recipient } = props;
  const [wanted, setWanted] = useState("");
  const [personId, setPersonId] = useState<string>();
  const [through, setThrough] = useState("");
  const people = useQuery({
    queryKey: [personEndpoints.list.id, "sharing", wanted, viewKey],
    enabled: held !== undefined,
    queryFn: ({ signal }) =>
      call(personEndpoints.list, {
        query: { limit: SHOWN, ...(wanted === "" ? {} : { text: wanted }) },
        signal,
      }),
  });
  const refusedText = (error: unknown) => {
    if (codeOf(error) === "not-found") return text("recipients.refusedEnded");
    if (!(error instanceof ApiError) || error.code !== "forbidden") return undefined;
    const isSub = error.problem?.fields?.some(({ path }) => path === "body/subProcessors") ?? false;
    return text(isSub ? "recipients.refusedSub" : "recipients.refusedPerson");
  };
  const share = useChange(
    (reason: ChangeReason) =>
      call(sharingEndpoints.share, {
        params: { id: recipient.id },
        body: { personId: personId ?? "", subProcessors: linesOf(through) },
        reason,
      }),
    { refusedText },
  );
  const refused = share.error === null ? undefined : refusedText(share.error);
  return (
    <div className="intake message-form">
      <h3>{text("recipients.giveTitle", { name: recipient.name })}</h3>
      <p className="quiet">{text("recipients.giveHelp")}</p>
      <NamesOnRequest text={text("recipients.why")} />
      {held === undefined ? null : (
        <>
          <div className="form-field">
            <label htmlFor={`${id}-person`}>{text("recipients.person")}</label>
            <Select
              id={`${id}-person`}
              showSearch={{ filterOption: false, onSearch: setWanted }}
              value={personId ?? null}
              onChange={setPersonId}
              options={(people.data?.items ?? []).map((person) => ({
                value: person.id,
                label: person.displayName,
              }))}
            />
          </div>
          <div className="form-field">
            <label htmlFor={`${id}-through`}>{text("recipients.through")}</label>
            <Input.TextArea
              id={`${id}-through`}
              rows={2}
              value={through}
              onChange={(event) => setThrough(event.target.value)}
            />
          </div>
        </>
      )}
      {refused === undefined ? null : <Alert type="warning" showIcon title={refused} />}
      {share.data === undefined ? null : (
        <Alert
          type="success"
          showIcon
          title={text("recipients.given", {
            name: share.data.person.name,
            homes: share.data.person.homes.join(" · "),
            consent: share.data.consentId.slice(0, 8),
          })}
        />
      )}
      {personId === undefined ? (
        <span className="actions">
          <Button onClick={props.onClose}>{t("common.cancel")}</Button>
        </span>
      ) : (
        <ReasonForm
          confirm={text("recipients.giveNow")}
          isPending={share.isPending}
          onConfirm={(reason) => share.mutate(reason)}
          onCancel={props.onClose}
        />
      )}
    </div>
  );
}
