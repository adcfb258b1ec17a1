import { CONTACT_KINDS, type Contact, consentDeskEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useViewKey } from "../../api/view-reason.ts";

/** One contact, whether the identity was checked, who signs for a child; and nothing more. */
export function Enrolment(props: { personId: string }) {
  const { t: text } = useTranslation("consent");
  const params = { id: props.personId };
  const viewKey = useViewKey();
  const enrolment = useQuery({
    queryKey: [consentDeskEndpoints.enrolment.id, props.personId, viewKey],
    queryFn: ({ signal }) => call(consentDeskEndpoints.enrolment, { params, signal }),
  });
  const verify = useChange((issuer: string) =>
    call(consentDeskEndpoints.verify, { params, body: { issuer } }),
  );
  const guard = useChange((until: string) =>
    call(consentDeskEndpoints.setGuardian, { params, body: until === "" ? {} : { until } }),
  );
  if (enrolment.data === undefined) return null;
  const { contact, verified, guardianUntil } = enrolment.data;
  return (
    <>
      <ContactForm key={JSON.stringify(contact)} personId={props.personId} contact={contact} />
      <p>{verified === undefined ? text("person.notVerified") : text("person.verified", verified)}</p>
      {verified === undefined ? (
        <OneLine label={text("person.issuer")} action={text("person.verify")} onSave={verify.mutate} />
      ) : null}
      <OneLine
        key={guardianUntil}
        label={text("person.guardianUntil")}
        action={text("person.saveGuardian")}
        type="date"
        value={guardianUntil ?? ""}
        onSave={guard.mutate}
      />
    </>
  );
}

function ContactForm(props: { personId: string; contact: Contact | undefined }) {
  const { t: text } = useTranslation("consent");
  const id = useId();
  const params = { id: props.personId };
  const [kind, setKind] = useState<Contact["kind"]>(props.contact?.kind ?? "phone");
  const [value, setValue] = useState(props.contact?.value ?? "");
  const save = useChange(() =>
    call(consentDeskEndpoints.setContact, { params, body: { kind, value: value.trim() } }),
  );
  const remove = useChange(() => call(consentDeskEndpoints.removeContact, { params }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      <p className="quiet">{text("person.contactHelp")}</p>
      <label htmlFor={`${id}-kind`}>
        {text("person.contactKind")}
        <Select
          id={`${id}-kind`}
          value={kind}
          onChange={setKind}
          options={CONTACT_KINDS.map((known) => ({ value: known, label: text(`person.kind.${known}`) }))}
        />
      </label>
      <label htmlFor={`${id}-value`}>
        {text("person.contact")}
        <Input
          id={`${id}-value`}
          maxLength={120}
          value={value}
          placeholder={text("person.contactNone")}
          onChange={({ target }) => setValue(target.value)}
        />
      </label>
      <span className="actions">
        <Button htmlType="submit" disabled={value.trim().length < 3} loading={save.isPending}>
          {text("person.saveContact")}
        </Button>
        {props.contact === undefined ? null : (
          <Button loading={remove.isPending} onClick={() => remove.mutate(undefined)}>
            {text("person.removeContact")}
          </Button>
        )}
      </span>
    </form>
  );
}

function OneLine(props: {
  label: string;
  action: string;
  type?: "date";
  value?: string;
  onSave: (value: string) => void;
}) {
  const id = useId();
  const [value, setValue] = useState(props.value ?? "");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onSave(value.trim());
      }}
    >
      <label htmlFor={id}>
        {props.label}
        <Input
          id={id}
          maxLength={80}
          {...(props.type === undefined ? {} : { type: props.type })}
          value={value}
          onChange={({ target }) => setValue(target.value)}
        />
      </label>
      <span>
        <Button htmlType="submit">{props.action}</Button>
      </span>
    </form>
  );
}
