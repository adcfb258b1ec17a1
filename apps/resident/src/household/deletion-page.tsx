import "./household.css";
import { fillText, StateMark } from "@menshen/ui";
import {
  consentNoticeEndpoints,
  type Deletion,
  type DeletionWithReceipts,
  deletionEndpoints,
} from "@menshen/wire";
import { useEffect, useMemo, useState } from "react";
import { ApiError, call } from "../api/client.ts";
import { saveFile } from "../consents/save-file.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Problem } from "../layout/notices.tsx";
import { goTo } from "../layout/use-page.ts";
import { useHouseholdTexts } from "./use-household-texts.ts";
import { gatesThatSigned } from "./verify-deletion.ts";

const ASK_AGAIN_MS = 5_000;
const GATE_TONES = { awaiting: "offline", answered: "granted", released: "quiet" } as const;

/** How far one's own deletion is, without an account: by the code that was kept, or stands on a slip from the desk. */
export function DeletionPage(props: { code: string | undefined }) {
  return props.code === undefined ? <AskCode /> : <OfCode key={props.code} code={props.code} />;
}

function AskCode() {
  const t = useHouseholdTexts().deletion;
  const [typed, setTyped] = useState("");
  const code = typed.toLowerCase().replaceAll(/[^0-9a-f]/g, "");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        goTo("deletion", code);
      }}
    >
      <p>{t.askCode}</p>
      <label className="plain-field">
        {t.code}
        <input
          value={typed}
          maxLength={80}
          autoComplete="off"
          spellCheck={false}
          required
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <div className="plain-actions">
        <button type="submit" className="plain-button plain-button--main" disabled={code === ""}>
          {t.show}
        </button>
      </div>
    </form>
  );
}

function OfCode(props: { code: string }) {
  const { code } = props;
  const t = useHouseholdTexts().deletion;
  const [value, setValue] = useState<DeletionWithReceipts>();
  const [failure, setFailure] = useState<string>();
  const [turn, setTurn] = useState(0);
  const again = () => setTurn((before) => before + 1);
  const isClosed = value?.deletion.closedAt !== undefined;

  // The account is gone: this asks without a session. `turn` asks again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  useEffect(() => {
    let isGone = false;
    call(deletionEndpoints.progress, { body: { code } }).then(
      (answer) => {
        if (isGone) return;
        setValue(answer);
        setFailure(undefined);
      },
      (error: unknown) => {
        if (!isGone) setFailure(error instanceof ApiError ? error.code : "internal");
      },
    );
    return () => {
      isGone = true;
    };
  }, [code, turn]);
  useEffect(() => {
    if (isClosed || failure !== undefined) return undefined;
    const timer = setInterval(() => setTurn((before) => before + 1), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isClosed, failure]);
  return (
    <>
      {failure === undefined || failure === "code-invalid" ? null : (
        <Problem code={failure} onRetry={again} />
      )}
      {failure === "code-invalid" ? (
        <>
          <p role="alert">{t.unknown}</p>
          <AskCode />
        </>
      ) : null}
      {value === undefined && failure === undefined ? <Loading /> : null}
      {value === undefined ? null : (
        <>
          <Progress deletion={value.deletion} />
          <section aria-label={t.receipts}>
            <h2>{t.receipts}</h2>
            <Checked receipt={value.receipt} />
            <div className="plain-actions">
              <button
                type="button"
                className="plain-button plain-button--main"
                onClick={() => saveFile("menshen-deletion.json", value.receipt)}
              >
                {t.save}
              </button>
            </div>
          </section>
          <section className="deletion-code" aria-label={t.code}>
            <h2>{t.code}</h2>
            <p>
              <code>{inGroups(code)}</code>
            </p>
            <p className="plain-quiet">{t.keep}</p>
          </section>
        </>
      )}
    </>
  );
}

/** Signatures of the community and of each gate, checked here. */
function Checked(props: { receipt: string }) {
  const t = useHouseholdTexts().deletion;
  const { receipt } = props;
  const [key, setKey] = useState<string>();
  useEffect(() => {
    let isGone = false;
    call(consentNoticeEndpoints.receiptKey, {}).then(
      (answer) => {
        if (!isGone) setKey(answer.key);
      },
      // Without the key nothing is checked, and the page says that it has not.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, []);
  const signed = useMemo(
    () => (key === undefined ? undefined : gatesThatSigned(receipt, key)),
    [receipt, key],
  );
  if (key === undefined) return <StateMark tone="quiet">{t.checking}</StateMark>;
  if (signed === undefined) return <StateMark tone="alarm">{t.forged}</StateMark>;
  return <StateMark tone="granted">{fillText(t.checked, { count: String(signed) })}</StateMark>;
}

/** Easier to copy by hand; spaces are taken out when it is asked for. */
function inGroups(code: string): string {
  return (code.match(/.{1,4}/g) ?? []).join(" ");
}

function Progress(props: { deletion: Deletion }) {
  const t = useHouseholdTexts().deletion;
  const moments = useMoments();
  const { stores, gates, closedAt, sealedUntil, recordsUntil } = props.deletion;
  const answered = gates.filter(({ state }) => state !== "awaiting").length;
  const counts = { answered: String(answered), all: String(gates.length) };
  return (
    <>
      <div role="status" className="plain-notice">
        <p>
          <strong>
            {closedAt === undefined
              ? fillText(t.going, counts)
              : fillText(t.closed, { when: moments.moment(closedAt) })}
          </strong>
        </p>
        <p>{closedAt === undefined ? t.goingHelp : t.closedHelp}</p>
      </div>
      <h2>{t.gates}</h2>
      <ul className="plain-list deletion-parts">
        {gates.map(({ gateId, name, state, at }) => (
          <li key={gateId}>
            <strong>{name}</strong>
            <StateMark tone={GATE_TONES[state]}>
              {t.state[state]}
              {at === undefined ? "" : ` · ${moments.moment(at)}`}
            </StateMark>
          </li>
        ))}
      </ul>
      <h2>{t.stores}</h2>
      <ul className="plain-list deletion-parts">
        {stores.map(({ store, at }) => (
          <li key={store}>
            <strong>{t.store[store]}</strong>
            <StateMark tone={at === undefined ? "refused" : "granted"}>
              {at === undefined ? t.notYet : `${t.empty} · ${moments.moment(at)}`}
            </StateMark>
          </li>
        ))}
      </ul>
      <p className="plain-quiet">
        {fillText(t.until, { sealed: moments.day(sealedUntil), records: moments.day(recordsUntil) })}
      </p>
    </>
  );
}
