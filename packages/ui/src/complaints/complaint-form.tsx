import { type ReactNode, useId, useState } from "react";
import { fillText } from "../fill-text.ts";
import {
  COMPLAINT_BODIES,
  type ComplaintBody,
  SHOWN_CATEGORIES,
  SHOWN_KINDS,
  type WrittenComplaint,
} from "./shown.ts";
import { complaintProblem, useComplaintTexts } from "./use-complaint-texts.ts";

/** Longest text, in UTF-16 code units. */
const TEXT_MOST = 4_000;
const ABOUT = ["nobody", "body", "staff"] as const;

interface Draft {
  readonly kind?: WrittenComplaint["kind"];
  readonly category?: WrittenComplaint["category"];
  readonly about?: (typeof ABOUT)[number];
  readonly aboutBody?: ComplaintBody;
  readonly aboutStaffId?: string;
  readonly aboutName: string;
  readonly to?: ComplaintBody;
  readonly text: string;
  readonly isNamed?: boolean;
}

/**
 * Writes a complaint. Nothing is chosen beforehand; what was written stays until it was taken.
 *
 * @param props.staff those who work here, to choose from; without them a name is typed
 * @param props.mayName whether the writer can be named at all
 * @param props.onSend rejects with an error whose `code` tells why
 */
export function ComplaintForm(props: {
  staff?: readonly { id: string; name: string; body: ComplaintBody }[] | undefined;
  mayName: boolean;
  onSend: (written: WrittenComplaint, isNamed: boolean) => Promise<void>;
}) {
  const t = useComplaintTexts();
  const { staff, mayName, onSend } = props;
  const [draft, setDraft] = useState<Draft>({ aboutName: "", text: "" });
  const [failure, setFailure] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const [wasTried, setWasTried] = useState(false);
  const put = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const blocked = blockedBody(draft, staff);
  const written = completed(draft, blocked, staff !== undefined);
  const missing = missingParts(draft, blocked, { mayName, listed: staff !== undefined }).map(
    (part) => t.form[part],
  );

  const send = async () => {
    setWasTried(true);
    if (written === undefined || missing.length > 0) return;
    setIsBusy(true);
    setFailure(undefined);
    try {
      await onSend(written, mayName && draft.isNamed === true);
    } catch (error) {
      const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
      setFailure(typeof code === "string" ? code : "other");
      setIsBusy(false);
    }
  };

  return (
    <form
      className="complaint-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Choices
        legend={t.form.kind}
        choices={SHOWN_KINDS.map((kind) => ({
          value: kind,
          label: t.kind[kind],
          help: t.kindHelp[kind],
          isChosen: draft.kind === kind,
          onChoose: () => put({ kind }),
        }))}
      />
      <Field label={t.form.category}>
        {(id) => (
          <select
            id={id}
            value={draft.category ?? ""}
            onChange={(event) => {
              const category = SHOWN_CATEGORIES.find((one) => one === event.target.value);
              if (category !== undefined) put({ category });
            }}
          >
            <option value="" disabled />
            {SHOWN_CATEGORIES.map((category) => (
              <option key={category} value={category}>
                {t.category[category]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Choices
        legend={t.form.about}
        help={t.form.aboutHelp}
        choices={ABOUT.map((about) => ({
          value: about,
          label: { nobody: t.form.aboutNobody, body: t.form.aboutBody, staff: t.form.aboutStaff }[about],
          isChosen: draft.about === about,
          onChoose: () => put({ about }),
        }))}
      />
      {draft.about === "body" ? (
        <Choices
          legend={t.form.whichBody}
          choices={COMPLAINT_BODIES.map((aboutBody) => ({
            value: aboutBody,
            label: capital(t.body[aboutBody]),
            isChosen: draft.aboutBody === aboutBody,
            onChoose: () => put({ aboutBody }),
          }))}
        />
      ) : null}
      {draft.about === "staff" && staff !== undefined ? (
        <Field label={t.form.whichStaff}>
          {(id) => (
            <select
              id={id}
              value={draft.aboutStaffId ?? ""}
              onChange={(event) => put({ aboutStaffId: event.target.value })}
            >
              <option value="" disabled />
              {staff.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name} · {capital(t.body[one.body])}
                </option>
              ))}
            </select>
          )}
        </Field>
      ) : null}
      {draft.about === "staff" && staff === undefined ? (
        <Field label={t.form.staffName} help={t.form.staffNameHelp}>
          {(id, helpId) => (
            <input
              id={id}
              aria-describedby={helpId}
              autoComplete="off"
              maxLength={80}
              value={draft.aboutName}
              onChange={(event) => put({ aboutName: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      <Choices
        legend={t.form.to}
        help={t.form.toHelp}
        choices={COMPLAINT_BODIES.map((to) => ({
          value: to,
          label: capital(t.body[to]),
          ...(blocked === to ? { help: t.form.toBlocked } : {}),
          isBlocked: blocked === to,
          isChosen: draft.to === to && blocked !== to,
          onChoose: () => put({ to }),
        }))}
      />
      <Field label={t.form.text} help={t.form.textHelp}>
        {(id, helpId) => (
          <textarea
            id={id}
            aria-describedby={helpId}
            rows={6}
            maxLength={TEXT_MOST}
            value={draft.text}
            onChange={(event) => put({ text: event.target.value })}
          />
        )}
      </Field>
      {mayName ? (
        <Choices
          legend={t.form.name}
          choices={[true, false].map((isNamed) => ({
            value: String(isNamed),
            label: isNamed ? t.form.named : t.form.nameless,
            help: isNamed ? t.form.namedHelp : t.form.namelessHelp,
            isChosen: draft.isNamed === isNamed,
            onChoose: () => put({ isNamed }),
          }))}
        />
      ) : (
        <p className="plain-quiet">{t.form.namelessHelp}</p>
      )}
      <p>{t.form.final}</p>
      <div role="alert">
        {failure === undefined ? null : (
          <p className="plain-notice plain-notice--due">{complaintProblem(t, failure)}</p>
        )}
        {wasTried && missing.length > 0 ? (
          <p className="plain-notice plain-notice--due">
            {fillText(t.form.missing, { what: missing.join(t.form.separator) })}
          </p>
        ) : null}
      </div>
      <div className="plain-actions">
        <button type="submit" className="plain-button plain-button--main" disabled={isBusy}>
          {isBusy ? t.form.sending : t.form.send}
        </button>
      </div>
    </form>
  );
}

/** The body that must not get it. */
function blockedBody(
  { kind, about, aboutBody, aboutStaffId }: Draft,
  staff: readonly { id: string; body: ComplaintBody }[] | undefined,
): ComplaintBody | undefined {
  if (about === "body") return aboutBody;
  if (about !== "staff" || kind !== "wrongdoing") return undefined;
  return staff?.find(({ id }) => id === aboutStaffId)?.body;
}

function missingParts(
  draft: Draft,
  blocked: ComplaintBody | undefined,
  { mayName, listed }: { readonly mayName: boolean; readonly listed: boolean },
) {
  const { about } = draft;
  return [
    ...(draft.kind === undefined ? (["kind"] as const) : []),
    ...(draft.category === undefined ? (["category"] as const) : []),
    ...(about === undefined ? (["about"] as const) : []),
    ...(about === "body" && draft.aboutBody === undefined ? (["whichBody"] as const) : []),
    ...(about === "staff" && listed && draft.aboutStaffId === undefined ? (["whichStaff"] as const) : []),
    ...(about === "staff" && !listed && draft.aboutName.trim() === "" ? (["staffName"] as const) : []),
    ...(draft.to === undefined || draft.to === blocked ? (["to"] as const) : []),
    ...(draft.text.trim() === "" ? (["text"] as const) : []),
    ...(mayName && draft.isNamed === undefined ? (["name"] as const) : []),
  ];
}

function completed(
  { kind, category, about, aboutBody, aboutStaffId, aboutName, to, text }: Draft,
  blocked: ComplaintBody | undefined,
  listed: boolean,
): WrittenComplaint | undefined {
  if (kind === undefined || category === undefined || to === undefined || to === blocked) return undefined;
  const whom =
    about === "body" && aboutBody !== undefined
      ? { aboutBody }
      : about === "staff" && listed && aboutStaffId !== undefined
        ? { aboutStaffId }
        : about === "staff" && !listed
          ? { aboutName: aboutName.trim() }
          : {};
  return { kind, category, to, ...whom, text: text.trim() };
}

function Field(props: {
  label: string;
  help?: string;
  children: (id: string, helpId: string | undefined) => ReactNode;
}) {
  const id = useId();
  const helpId = props.help === undefined ? undefined : `${id}-help`;
  return (
    <div className="plain-field">
      <label htmlFor={id}>{props.label}</label>
      {props.help === undefined ? null : (
        <span id={helpId} className="plain-quiet">
          {props.help}
        </span>
      )}
      {props.children(id, helpId)}
    </div>
  );
}

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly help?: string;
  readonly isChosen: boolean;
  readonly isBlocked?: boolean;
  readonly onChoose: () => void;
}

function Choices(props: { legend: string; help?: string; choices: readonly Choice[] }) {
  const id = useId();
  return (
    <fieldset className="ms-choices" aria-describedby={props.help === undefined ? undefined : `${id}-help`}>
      <legend>{props.legend}</legend>
      {props.help === undefined ? null : (
        <p id={`${id}-help`} className="plain-quiet">
          {props.help}
        </p>
      )}
      {props.choices.map(({ value, label, help, isChosen, isBlocked = false, onChoose }) => (
        <label key={value} className="ms-choice" htmlFor={`${id}-${value}`}>
          <input
            id={`${id}-${value}`}
            type="radio"
            name={id}
            checked={isChosen}
            disabled={isBlocked}
            aria-describedby={help === undefined ? undefined : `${id}-${value}-help`}
            onChange={onChoose}
          />
          <span>
            {label}
            {help === undefined ? null : (
              <span id={`${id}-${value}-help`} className="ms-choice__help">
                {help}
              </span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** English names of bodies begin a line with a capital; Chinese ones stay. */
function capital(name: string): string {
  const bare = name.replace(/^the /, "");
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}
