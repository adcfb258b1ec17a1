import { fillText } from "@menshen/ui";
import { type Deletion, type DeletionWithReceipts, deletionEndpoints } from "@menshen/wire";
import { useEffect, useState } from "react";
import { ApiError, call } from "../api/client.ts";
import { saveFile } from "../consents/save-file.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Problem } from "../layout/notices.tsx";
import { useHouseholdTexts } from "./use-household-texts.ts";

const ASK_AGAIN_MS = 5_000;

/** How far one's own deletion is, without an account: store by store and gate by gate. */
export function DeletionPage(props: { code: string }) {
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
      {failure === "code-invalid" ? <p role="alert">{t.unknown}</p> : null}
      {value === undefined && failure === undefined ? <Loading /> : null}
      {value === undefined ? null : (
        <>
          <Progress deletion={value.deletion} />
          <div className="plain-actions">
            <button
              type="button"
              className="plain-button plain-button--main"
              onClick={() => saveFile("menshen-deletion.json", value.receipt)}
            >
              {t.save}
            </button>
          </div>
          <p className="plain-quiet">{t.keep}</p>
          <p>
            <code>{code}</code>
          </p>
        </>
      )}
    </>
  );
}

function Progress(props: { deletion: Deletion }) {
  const t = useHouseholdTexts().deletion;
  const moments = useMoments();
  const { stores, gates, closedAt, sealedUntil, recordsUntil } = props.deletion;
  const answered = gates.filter(({ state }) => state !== "awaiting").length;
  const counts = { answered: String(answered), all: String(gates.length) };
  return (
    <>
      <p role="status">
        <strong>
          {closedAt === undefined
            ? fillText(t.going, counts)
            : fillText(t.closed, { when: moments.moment(closedAt) })}
        </strong>
      </p>
      <h2>{t.gates}</h2>
      <ul className="plain-list">
        {gates.map(({ gateId, name, state, at }) => (
          <li key={gateId}>
            <strong>{name}</strong> · {state === "answered" ? "✓ " : ""}
            {t.state[state]}
            {at === undefined ? "" : ` · ${moments.moment(at)}`}
          </li>
        ))}
      </ul>
      <h2>{t.stores}</h2>
      <ul className="plain-list">
        {stores.map(({ store, at }) => (
          <li key={store}>
            {t.store[store]} · {at === undefined ? t.state.awaiting : `✓ ${t.empty} · ${moments.moment(at)}`}
          </li>
        ))}
      </ul>
      <p className="plain-quiet">
        {fillText(t.until, { sealed: moments.day(sealedUntil), records: moments.day(recordsUntil) })}
      </p>
    </>
  );
}
