import { useId } from "react";

/** One name and what is made of it. What an act of the page around it met is said below. */
export function NameForm(props: {
  readonly label: string;
  readonly action: string;
  readonly isBusy: boolean;
  readonly fault: string | undefined;
  readonly name: string;
  readonly onName: (name: string) => void;
  /** With the name trimmed; not called for an empty one. */
  readonly onSubmit: (name: string) => void;
}) {
  const id = useId();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const name = props.name.trim();
        if (name !== "") props.onSubmit(name);
      }}
    >
      <div className="plain-field">
        <label htmlFor={id}>{props.label}</label>
        <input
          id={id}
          maxLength={80}
          value={props.name}
          onChange={(event) => props.onName(event.target.value)}
        />
      </div>
      <div className="plain-actions">
        <button type="submit" className="plain-button" disabled={props.isBusy}>
          {props.action}
        </button>
      </div>
      <p role="alert">{props.fault}</p>
    </form>
  );
}
