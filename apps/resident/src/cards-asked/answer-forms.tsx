import { CASE_ANSWERS, type CaseAnswerName, residentCaseEndpoints } from "@menshen/wire";
import { useId, useState } from "react";
import { ApiError, call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { useOwned } from "../device/device-context.tsx";
import { Problem } from "../layout/notices.tsx";
import type { OwnCase } from "./own-cases.ts";
import { useCardsAskedTexts } from "./use-cards-asked-texts.ts";

/** Sends something once; why not, if it could not be sent. */
function useSending() {
  const { owner } = useOwned();
  const [state, setState] = useState<"open" | "busy" | "sent">("open");
  const [failure, setFailure] = useState<string>();
  const send = async (work: () => Promise<unknown>) => {
    setState("busy");
    setFailure(undefined);
    try {
      await withSession(owner, work);
      setState("sent");
      return true;
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "device");
      setState("open");
      return false;
    }
  };
  return { state, failure, send };
}

const HELP = { me: "me", "not-me": "notMe", family: "family" } as const;

/** Yes, no, or the family; and whether the desk may know who says so. Nothing is chosen beforehand. */
export function AnswerForm(props: { own: OwnCase }) {
  const t = useCardsAskedTexts();
  const id = useId();
  const [choice, setChoice] = useState<CaseAnswerName>();
  const [callMe, setCallMe] = useState(false);
  const { state, failure, send } = useSending();
  const { published, tap } = props.own;
  if (state === "sent") return <p role="status">{t.sent}</p>;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (choice === undefined) return;
        void send(() =>
          call(residentCaseEndpoints.answer, {
            params: { id: published.id },
            body: { tap, answer: choice, callMe },
          }),
        );
      }}
    >
      <fieldset className="ballot">
        <legend className="ms-visually-hidden">{t.was}</legend>
        {CASE_ANSWERS.map((one) => (
          <label key={one} className="ballot__choice" htmlFor={`${id}-${one}`}>
            <input
              id={`${id}-${one}`}
              type="radio"
              name={id}
              checked={choice === one}
              onChange={() => setChoice(one)}
            />
            {t.choices[one]}
          </label>
        ))}
      </fieldset>
      {choice === undefined ? null : <p>{t[HELP[choice]]}</p>}
      <label className="ballot__choice" htmlFor={`${id}-call`}>
        <input
          id={`${id}-call`}
          type="checkbox"
          checked={callMe}
          onChange={(event) => setCallMe(event.target.checked)}
        />
        {t.callMe}
      </label>
      <p className="plain-quiet">{t.callMeHelp}</p>
      {failure === undefined ? null : <Problem code={failure} />}
      <div className="plain-actions">
        <button
          type="submit"
          className="plain-button plain-button--main"
          disabled={choice === undefined || state === "busy"}
        >
          {t.send}
        </button>
      </div>
    </form>
  );
}

/** Something to say against a step. */
export function ObjectForm(props: { own: OwnCase }) {
  const t = useCardsAskedTexts();
  const id = useId();
  const [words, setWords] = useState("");
  const { state, failure, send } = useSending();
  const { published, tap } = props.own;
  if (state === "sent") return <p role="status">{t.objected}</p>;
  return (
    <details>
      <summary>{t.object}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send(() =>
            call(residentCaseEndpoints.appeal, {
              params: { id: published.id },
              body: { tap, words: words.trim() },
            }),
          );
        }}
      >
        <p className="plain-quiet">{t.objectHelp}</p>
        <label htmlFor={id}>{t.words}</label>
        <textarea
          id={id}
          rows={3}
          maxLength={2_000}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        {failure === undefined ? null : <Problem code={failure} />}
        <div className="plain-actions">
          <button type="submit" className="plain-button" disabled={words.trim() === "" || state === "busy"}>
            {t.object}
          </button>
        </div>
      </form>
    </details>
  );
}
