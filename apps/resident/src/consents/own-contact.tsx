import { CONTACT_KINDS, type Contact, residentConsentEndpoints } from "@menshen/wire";
import { type FormEvent, useId, useState } from "react";
import { ApiError, call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { useOwned } from "../device/device-context.tsx";
import { Problem } from "../layout/notices.tsx";
import { useConsentTexts } from "./use-consent-texts.ts";

/** The one contact that may be kept while one agrees. */
export function OwnContact(props: { contact: Contact | undefined; onChanged: () => void }) {
  const c = useConsentTexts();
  const { owner } = useOwned();
  const id = useId();
  const [kind, setKind] = useState<Contact["kind"]>(props.contact?.kind ?? "phone");
  const [value, setValue] = useState(props.contact?.value ?? "");
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState<string>();

  async function change(send: () => Promise<unknown>, done: string) {
    setSaid("");
    setFailure(undefined);
    try {
      await withSession(owner, send);
      setSaid(done);
      props.onChanged();
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "device");
    }
  }
  const save = (event: FormEvent) => {
    event.preventDefault();
    const body = { kind, value: value.trim() };
    void change(() => call(residentConsentEndpoints.setContact, { body }), c.contact.saved);
  };

  return (
    <section aria-labelledby={`${id}-title`} className="plain-no-print">
      <h3 id={`${id}-title`}>{c.contact.title}</h3>
      <p role="status">{said}</p>
      {failure === undefined ? null : failure === "invalid-request" ? (
        <p role="alert">{c.contact.refused}</p>
      ) : (
        <Problem code={failure} />
      )}
      <form onSubmit={save}>
        <div className="plain-field">
          <label htmlFor={`${id}-kind`}>{c.contact.kind}</label>
          <select
            id={`${id}-kind`}
            value={kind}
            onChange={({ target }) =>
              setKind(CONTACT_KINDS.find((known) => known === target.value) ?? "phone")
            }
          >
            {CONTACT_KINDS.map((known) => (
              <option key={known} value={known}>
                {c.contact[known]}
              </option>
            ))}
          </select>
        </div>
        <div className="plain-field">
          <label htmlFor={`${id}-value`}>{c.contact.value}</label>
          <input
            id={`${id}-value`}
            required
            minLength={3}
            maxLength={120}
            autoComplete={kind === "phone" ? "tel" : "email"}
            value={value}
            onChange={({ target }) => setValue(target.value)}
          />
        </div>
        <div className="plain-actions">
          <button type="submit" className="plain-button">
            {c.contact.save}
          </button>
          {props.contact === undefined ? null : (
            <button
              type="button"
              className="plain-button"
              onClick={() => {
                setValue("");
                void change(() => call(residentConsentEndpoints.removeContact, {}), c.contact.removed);
              }}
            >
              {c.contact.remove}
            </button>
          )}
        </div>
      </form>
    </section>
  );
}
