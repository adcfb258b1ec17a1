import { type OpeningRefusal, openingRefusalText } from "@menshen/domain";
import { type ReactNode, useId } from "react";
import { usePreferences } from "../../preferences.tsx";

/** What a control in a field needs to be named, explained and marked as wrong. */
export interface FieldProps {
  readonly id: string;
  readonly "aria-describedby": string;
  readonly "aria-invalid": boolean;
  readonly status?: "error";
}

/** One field of a form: its name, a hint, and beside it every rule that it breaks, with what would mend it. */
export function FormField(props: {
  label: string;
  hint?: string;
  refusals: readonly OpeningRefusal[];
  children: (field: FieldProps) => ReactNode;
}) {
  const id = useId();
  const { refusals } = props;
  return (
    <div className={refusals.length > 0 ? "form-field form-field--refused" : "form-field"}>
      <label htmlFor={id}>{props.label}</label>
      {props.children({
        id,
        "aria-describedby": `${id}-hint ${id}-refusals`,
        "aria-invalid": refusals.length > 0,
        ...(refusals.length > 0 ? { status: "error" as const } : {}),
      })}
      <p id={`${id}-hint`} className="quiet">
        {props.hint}
      </p>
      <div id={`${id}-refusals`}>
        <RefusalTexts refusals={refusals} />
      </div>
    </div>
  );
}

/** Several controls under one name, as a group. */
export function FormGroup(props: {
  label: string;
  hint?: string;
  refusals: readonly OpeningRefusal[];
  children: ReactNode;
}) {
  const { refusals } = props;
  return (
    <fieldset className={refusals.length > 0 ? "form-field form-field--refused" : "form-field"}>
      <legend>{props.label}</legend>
      {props.children}
      {props.hint === undefined ? null : <p className="quiet">{props.hint}</p>}
      <RefusalTexts refusals={refusals} />
    </fieldset>
  );
}

function RefusalTexts(props: { refusals: readonly OpeningRefusal[] }) {
  const { language } = usePreferences();
  return props.refusals.map((refusal) => {
    const { why, next } = openingRefusalText(refusal, language);
    return (
      <p key={refusal.code} className="refusal">
        <span className="refusal__bar" aria-hidden="true" />
        <span>
          <strong>{why}</strong> {next}
        </span>
      </p>
    );
  });
}
