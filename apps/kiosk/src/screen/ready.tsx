import { QrCode, useCodeCamera, usePreferences } from "@menshen/ui";
import type { KioskChallenge } from "@menshen/wire";
import { type FormEvent, useId, useState } from "react";
import { TEXTS } from "../i18n/texts.ts";
import { Both } from "./both.tsx";

/**
 * The screen that waits for somebody: what to show, where, and the other ways in. The camera is on while this is there.
 *
 * @param props.isCovered an outcome stands before it; it goes on looking, for whoever comes next
 */
export function Ready(props: {
  challenge: KioskChallenge | undefined;
  isCovered: boolean;
  isChecking: boolean;
  onCode: (text: string) => void;
}) {
  const { challenge } = props;
  const { state: camera, video } = useCodeCamera({ facing: "user", onCode: props.onCode });
  const { language } = usePreferences();
  const t = TEXTS[language];
  const isMissing = camera === "missing" || camera === "refused" || camera === "busy";
  return (
    <div className="ready" inert={props.isCovered}>
      <section className="ready__show" aria-labelledby="show">
        <h1 id="show">
          {isMissing ? (
            <Both say={({ noCamera }) => noCamera[camera].title} />
          ) : (
            <Both say={({ ready }) => ready.show} />
          )}
        </h1>
        {/* Stays where it is also while there is no camera: one that comes is given to it. */}
        <div
          className={`viewfinder viewfinder--${props.isChecking ? "checking" : camera}`}
          hidden={isMissing}
        >
          <video ref={video} muted playsInline aria-label={t.ready.view} />
          {camera === "starting" ? (
            <p className="viewfinder__words">
              <Both say={({ starting }) => starting.title} />
            </p>
          ) : null}
        </div>
        <p className="ready__how">
          {isMissing ? (
            <Both say={({ noCamera }) => noCamera[camera].how} />
          ) : props.isChecking ? (
            <Both say={({ ready }) => `${ready.seen} …`} />
          ) : camera === "starting" ? (
            <Both say={({ starting }) => starting.how} />
          ) : (
            <Both say={({ ready }) => ready.how} />
          )}
        </p>
        {isMissing ? <CodeField onCode={props.onCode} /> : null}
      </section>
      <div className="ready__others">
        {challenge === undefined ? null : (
          <section className="challenge" aria-labelledby="challenge">
            <h2 id="challenge">
              <Both say={(texts) => texts.challenge.title} />
            </h2>
            <QrCode text={challenge.text} label={t.challenge.label} />
            <div className="challenge__words">
              <p className="challenge__code">{challenge.code}</p>
              <p>
                <Both say={(texts) => texts.challenge.how} />
              </p>
            </div>
          </section>
        )}
        <p className="ready__card">
          <Both say={({ ready }) => ready.card} />
        </p>
      </div>
    </div>
  );
}

/** For a code scanner that types, and for whoever maintains the screen. Keeps the focus: such a scanner has no mouse. */
function CodeField(props: { onCode: (text: string) => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") props.onCode(text.trim());
    setText("");
  };
  return (
    <form className="code-field" onSubmit={send}>
      <p>
        <Both say={({ noCamera }) => noCamera.instead} />
      </p>
      <label htmlFor={id}>
        <Both say={({ noCamera }) => noCamera.field} />
      </label>
      <div className="plain-field code-field__row">
        <input
          id={id}
          value={text}
          maxLength={1_200}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: the only field of a screen without a mouse
          autoFocus
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="plain-button">
          <Both say={({ noCamera }) => noCamera.send} />
        </button>
      </div>
    </form>
  );
}
