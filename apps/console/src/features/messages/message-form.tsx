import {
  type Audience,
  buildingEndpoints,
  type CommercialMessageInput,
  messageEndpoints,
  type ServiceNoticeInput,
  sharingEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Input, Radio, Select } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { DwellingSelect } from "../people/dwelling-select.tsx";
import { CommercialMark, codeOf, usePeopleText } from "./message-words.tsx";

interface Words {
  readonly title: string;
  readonly text: string;
  readonly audience: Audience | undefined;
}

const NOTHING: Words = { title: "", text: "", audience: { kind: "all" } };

/** What both kinds of message have; `undefined` until it is whole. */
function wholeOf({ title, text, audience }: Words): ServiceNoticeInput | undefined {
  if (title.trim() === "" || text.trim() === "" || audience === undefined) return undefined;
  return { title: title.trim(), text: text.trim(), audience };
}

/** A notice about the home, rights or data: to everybody it concerns. */
export function NoticeForm(props: { onDone: () => void }) {
  const { t: text } = useTranslation("messages");
  const people = usePeopleText();
  const [words, setWords] = useState(NOTHING);
  const { audience } = words;
  const reach = useQuery({
    queryKey: [messageEndpoints.noticeReach.id, audience],
    enabled: audience !== undefined,
    queryFn: ({ signal }) =>
      call(messageEndpoints.noticeReach, { body: { audience: audience ?? { kind: "all" } }, signal }),
  });
  const send = useChange((body: ServiceNoticeInput) => call(messageEndpoints.sendNotice, { body }), {
    onDone: props.onDone,
    doneText: text("form.sent"),
    refusedText: (error) => (codeOf(error) === "conflict" ? text("refused.nobodyLives") : undefined),
  });
  const whole = wholeOf(words);
  return (
    <form
      className="intake message-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (whole !== undefined) send.mutate(whole);
      }}
    >
      <h2>{text("form.notice")}</h2>
      <p className="quiet">{text("form.noticeHelp")}</p>
      <Fields words={words} onChange={setWords} />
      {reach.data === undefined ? null : (
        <p role="status">{text("form.reach", { people: people(reach.data.addressed) })}</p>
      )}
      <Buttons
        label={text("form.send")}
        isReady={whole !== undefined}
        isSending={send.isPending}
        onCancel={props.onDone}
      />
    </form>
  );
}

/** Sells something: says how many agreed before it is written, and goes to nobody else. */
export function CommercialForm(props: { onDone: () => void }) {
  const { t: text } = useTranslation("messages");
  const people = usePeopleText();
  const id = useId();
  const [words, setWords] = useState(NOTHING);
  const [advertiserId, setAdvertiserId] = useState<string>();
  const { audience } = words;
  const reach = useQuery({
    queryKey: [messageEndpoints.commercialReach.id, audience, advertiserId],
    enabled: audience !== undefined && advertiserId !== undefined,
    queryFn: ({ signal }) =>
      call(messageEndpoints.commercialReach, {
        body: { audience: audience ?? { kind: "all" }, advertiserId: advertiserId ?? "" },
        signal,
      }),
  });
  const recipients = useQuery({
    queryKey: [sharingEndpoints.list.id],
    queryFn: ({ signal }) => call(sharingEndpoints.list, { signal }),
  });
  const registered = recipients.data?.items.filter(({ endedAt }) => endedAt === undefined) ?? [];
  const refusedText = (error: unknown) => {
    const code = codeOf(error);
    if (code === "conflict") return text("refused.nobodyConsented");
    return code === "not-found" ? text("refused.advertiserGone") : undefined;
  };
  const send = useChange((body: CommercialMessageInput) => call(messageEndpoints.sendCommercial, { body }), {
    onDone: props.onDone,
    doneText: text("form.sent"),
    refusedText,
  });
  const whole = wholeOf(words);
  const refused = send.error === null ? undefined : refusedText(send.error);
  return (
    <form
      className="intake message-form message-form--commercial"
      onSubmit={(event) => {
        event.preventDefault();
        if (whole !== undefined && advertiserId !== undefined) send.mutate({ ...whole, advertiserId });
      }}
    >
      <h2>
        {text("form.commercial")} <CommercialMark />
      </h2>
      <p className="quiet">{text("form.commercialHelp")}</p>
      <div className="form-field">
        <label htmlFor={`${id}-advertiser`}>{text("form.advertiser")}</label>
        <Select
          id={`${id}-advertiser`}
          value={advertiserId ?? null}
          onChange={setAdvertiserId}
          options={registered.map(({ id: value, name }) => ({ value, label: name }))}
        />
        {recipients.data !== undefined && registered.length === 0 ? (
          <p className="quiet">
            <Link to="/messages/recipients">{text("form.noAdvertiser")}</Link>
          </p>
        ) : null}
      </div>
      <Fields words={words} onChange={setWords} />
      {reach.data === undefined ? null : (
        <p role="status">
          {text("form.consented", { people: people(reach.data.addressed) })}
          {"below" in reach.data.addressed ? ` ${text("form.nobodyYet")}` : ""}
        </p>
      )}
      {refused === undefined ? null : <Alert type="warning" showIcon title={refused} />}
      <Buttons
        label={text("form.sendCommercial")}
        isReady={whole !== undefined && advertiserId !== undefined}
        isSending={send.isPending}
        onCancel={props.onDone}
      />
    </form>
  );
}

function Fields(props: { words: Words; onChange: (words: Words) => void }) {
  const { t: text } = useTranslation("messages");
  const id = useId();
  const { words, onChange } = props;
  return (
    <>
      <AudienceField audience={words.audience} onChange={(audience) => onChange({ ...words, audience })} />
      <div className="form-field">
        <label htmlFor={`${id}-title`}>{text("form.title")}</label>
        <Input
          id={`${id}-title`}
          maxLength={80}
          value={words.title}
          onChange={(event) => onChange({ ...words, title: event.target.value })}
        />
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-text`}>{text("form.text")}</label>
        <Input.TextArea
          id={`${id}-text`}
          rows={5}
          maxLength={4_000}
          value={words.text}
          onChange={(event) => onChange({ ...words, text: event.target.value })}
        />
      </div>
    </>
  );
}

function AudienceField(props: {
  audience: Audience | undefined;
  onChange: (audience: Audience | undefined) => void;
}) {
  const { t: text } = useTranslation("messages");
  const id = useId();
  const [kind, setKind] = useState<Audience["kind"]>("all");
  const buildings = usePaged(buildingEndpoints.list, { limit: 200 });
  const { audience, onChange } = props;
  const chosen = audience !== undefined && audience.kind !== "all" ? audience.id : undefined;
  return (
    <fieldset className="form-field">
      <legend>{text("form.audience")}</legend>
      <Radio.Group
        value={kind}
        onChange={({ target }) => {
          const next = target.value as Audience["kind"];
          setKind(next);
          onChange(next === "all" ? { kind: "all" } : undefined);
        }}
        options={(["all", "building", "home"] as const).map((value) => ({
          value,
          label: text(`form.${value}`),
        }))}
      />
      {kind === "building" ? (
        <Labelled id={`${id}-building`} label={text("form.chooseBuilding")}>
          <Select
            id={`${id}-building`}
            value={chosen ?? null}
            onChange={(value) => onChange({ kind: "building", id: value })}
            options={buildings.items.map(({ id: value, name }) => ({ value, label: name }))}
          />
        </Labelled>
      ) : null}
      {kind === "home" ? (
        <Labelled id={`${id}-home`} label={text("form.chooseHome")}>
          <DwellingSelect
            id={`${id}-home`}
            {...(chosen === undefined ? {} : { value: chosen })}
            onChange={(value) => onChange({ kind: "home", id: value })}
          />
        </Labelled>
      ) : null}
    </fieldset>
  );
}

function Labelled(props: { id: string; label: string; children: ReactNode }) {
  return (
    <div className="form-field">
      <label htmlFor={props.id}>{props.label}</label>
      {props.children}
    </div>
  );
}

function Buttons(props: { label: string; isReady: boolean; isSending: boolean; onCancel: () => void }) {
  const { t } = useTranslation();
  return (
    <span className="actions">
      <Button type="primary" htmlType="submit" disabled={!props.isReady} loading={props.isSending}>
        {props.label}
      </Button>
      <Button onClick={props.onCancel}>{t("common.cancel")}</Button>
    </span>
  );
}
