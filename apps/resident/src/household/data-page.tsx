import { fillText } from "@menshen/ui";
import { ownRightsEndpoints, type PersonCopy } from "@menshen/wire";
import { useState } from "react";
import { call } from "../api/client.ts";
import { useAnswer } from "../api/use-answer.ts";
import { saveFile } from "../consents/save-file.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Problem } from "../layout/notices.tsx";
import { DeleteOneself } from "./delete-oneself.tsx";
import { useDoing } from "./use-doing.ts";
import { useHouseholdTexts } from "./use-household-texts.ts";

const askCopy = () => call(ownRightsEndpoints.copy, {});
const askRequests = () => call(ownRightsEndpoints.list, {});
const PARTS = [
  "residencies",
  "ends",
  "credentials",
  "keys",
  "looks",
  "refusedReads",
  "requests",
  "statements",
] as const satisfies readonly (keyof PersonCopy)[];

/** Everything that is kept about me: to read, to save, to have corrected or deleted. */
export function DataPage() {
  const t = useHouseholdTexts();
  const moments = useMoments();
  const copy = useAnswer("copy", askCopy);
  const requests = useAnswer("rights-requests", askRequests);
  const doing = useDoing(requests.again);
  const [kind, setKind] = useState<"correction" | "deletion">("correction");
  const [words, setWords] = useState("");
  const failure = doing.failure ?? copy.failure ?? requests.failure;
  const whole = copy.value;
  const displayName = whole?.person.displayName;
  return (
    <>
      <p>{t.data.lead}</p>
      {failure === undefined ? null : <Problem code={failure} onRetry={copy.again} />}
      {whole === undefined && copy.isAsking ? <Loading /> : null}
      {whole === undefined ? null : (
        <>
          <div className="plain-actions">
            <button
              type="button"
              className="plain-button plain-button--main"
              onClick={() => saveFile("menshen-copy.json", JSON.stringify(whole, null, 2))}
            >
              {t.data.save}
            </button>
          </div>
          <h2>{t.data.read}</h2>
          <p>
            {t.data.parts.person}: <strong>{typeof displayName === "string" ? displayName : ""}</strong>
          </p>
          {PARTS.map((part) => (
            <details key={part}>
              <summary>
                {t.data.parts[part]} · {fillText(t.data.count, { count: String(whole[part].length) })}
              </summary>
              <ul className="plain-list">
                {whole[part].map((line) => (
                  <li key={JSON.stringify(line)}>{inWords(line, moments.moment)}</li>
                ))}
              </ul>
            </details>
          ))}
        </>
      )}
      <h2>{t.data.ask}</h2>
      <p>{t.data.askHelp}</p>
      <p role="status">{doing.said}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          doing.run(async () => {
            await call(ownRightsEndpoints.ask, { body: { kind, words: words.trim() } });
            setWords("");
          }, t.data.sent);
        }}
      >
        <fieldset className="choices">
          <legend>{t.data.ask}</legend>
          {(["correction", "deletion"] as const).map((one) => (
            <label key={one} className="choice">
              <input type="radio" name="kind" checked={kind === one} onChange={() => setKind(one)} />{" "}
              {t.data.kind[one]}
            </label>
          ))}
        </fieldset>
        <label className="plain-field">
          {t.data.words}
          <textarea
            value={words}
            rows={3}
            maxLength={2_000}
            required
            onChange={(event) => setWords(event.target.value)}
          />
        </label>
        <div className="plain-actions">
          <button type="submit" className="plain-button" disabled={doing.isBusy || words.trim() === ""}>
            {t.data.send}
          </button>
        </div>
      </form>
      <ul className="plain-list">
        {requests.value?.items.map((request) => (
          <li key={request.id}>
            <strong>{t.data.kind[request.kind]}</strong>: {request.words} ·{" "}
            {fillText(t.data.state[request.state], { when: moments.day(request.dueAt) })}
            {request.reason === undefined ? null : <> · {request.reason}</>}
          </li>
        ))}
      </ul>
      <p className="plain-quiet">{t.data.all}</p>
      {typeof displayName === "string" ? <DeleteOneself name={displayName} /> : null}
    </>
  );
}

/** A line of the copy as text: `name: value`, with moments as times of the community. */
function inWords(line: object, moment: (at: number) => string): string {
  return Object.entries(line)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => {
      const isMoment = typeof value === "number" && value > 1_000_000_000_000;
      return `${name}: ${isMoment ? moment(value) : String(value)}`;
    })
    .join(" · ");
}
