import "./household.css";
import { fillText } from "@menshen/ui";
import { ownRightsEndpoints, type PersonCopy } from "@menshen/wire";
import { Fragment, useState } from "react";
import { call } from "../api/client.ts";
import { useAnswer } from "../api/use-answer.ts";
import { saveFile } from "../consents/save-file.ts";
import { useTexts } from "../i18n/texts.ts";
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
  "passkeys",
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
          <div className="data-parts">
            {PARTS.map((part) => {
              // An answer that this device kept from before may lack the newest parts.
              const lines: readonly object[] | undefined = whole[part];
              return <Part key={part} title={t.data.parts[part]} lines={lines ?? []} />;
            })}
          </div>
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
          <legend className="ms-visually-hidden">{t.data.ask}</legend>
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

/** Fields that tell a reader nothing; they stand in the file. */
const NOT_SHOWN: ReadonlySet<string> = new Set(["id", "personId", "residencyId", "keyStart"]);

function Part(props: { title: string; lines: readonly object[] }) {
  const t = useHouseholdTexts();
  const { title, lines } = props;
  if (lines.length === 0) {
    return (
      <p className="data-part plain-quiet">
        {title} · {t.data.none}
      </p>
    );
  }
  return (
    <details className="data-part">
      <summary>
        {title} · {fillText(t.data.count, { count: String(lines.length) })}
      </summary>
      <ul className="plain-list">
        {lines.map((line) => (
          <li key={JSON.stringify(line)}>
            <Line line={line} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A line of the copy in words, with moments as times of the community. */
function Line(props: { line: object }) {
  const t = useHouseholdTexts();
  const moments = useMoments();
  const said = Object.entries(props.line).filter(
    ([name, value]) => !NOT_SHOWN.has(name) && value !== null && value !== undefined && value !== "",
  );
  const { looks, key, kind } = useTexts();
  /** Words for what stands there as a code. */
  const known: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    role: { ...t.home.role, ...looks.role },
    body: looks.body,
    kind: { ...kind, ...t.data.kind },
    reason: looks.purposeOf,
    what: looks.whatOf,
    registeredBy: key.history,
    state: t.data.states,
  };
  const inWords = (name: string, value: unknown) => {
    if (typeof value === "number" && value > 1_000_000_000_000) return moments.moment(value);
    const text = String(value);
    return known[name]?.[text] ?? text;
  };
  return (
    <dl className="plain-facts">
      {said.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{t.data.fields[name] ?? name}</dt>
          <dd>{inWords(name, value)}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
