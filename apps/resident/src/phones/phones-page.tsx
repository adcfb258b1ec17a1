import { fillText, StateMark } from "@menshen/ui";
import { type OwnPhoneKey, residentAliroEndpoints } from "@menshen/wire";
import { useState } from "react";
import { useReceipts } from "../api/answers.ts";
import { ApiError, call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useOwned } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { AskTwice } from "../layout/ask-twice.tsx";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";

const askPhones = () => call(residentAliroEndpoints.list, {});
/** These open, or may again. */
const ALIVE: readonly OwnPhoneKey["state"][] = ["active", "blocked", "lost"];

/** The keys on one's own telephones: ask for one, say yes to one that the desk enrolled, end one. */
export function PhonesPage() {
  const t = useTexts();
  const moments = useMoments();
  const { owner } = useOwned();
  const phones = useAnswer("phones", askPhones);
  const [said, setSaid] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function tell(what: () => Promise<unknown>, done = "") {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await withSession(owner, what);
      setSaid(done);
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "device");
    }
    setIsBusy(false);
    phones.again();
  }

  const items = phones.value?.items ?? [];
  const alive = items.filter(({ state }) => ALIVE.includes(state));
  const ended = items.filter(({ state }) => !ALIVE.includes(state));
  const askedAt = phones.value?.askedAt;
  return (
    <>
      <p>{t.phones.lead}</p>
      <p className="plain-quiet">{t.phones.honest}</p>
      <p role="status">{said}</p>
      {phones.failure === undefined ? null : <Problem code={phones.failure} onRetry={phones.again} />}
      {failure === undefined ? null : <Problem code={failure} />}
      {phones.value === undefined && phones.isAsking ? <Loading /> : null}
      {phones.value !== undefined && alive.length === 0 ? (
        <Nothing title={t.phones.none}>{t.phones.noneHelp}</Nothing>
      ) : null}
      {alive.map((phone) => (
        <Phone
          key={phone.id}
          phone={phone}
          isBusy={isBusy}
          onRemove={() =>
            void tell(
              () => call(residentAliroEndpoints.remove, { params: { id: phone.id } }),
              fillText(t.phones.removed, { name: fillText(t.phones.name, { label: phone.label }) }),
            )
          }
        />
      ))}
      {phones.value === undefined ? null : askedAt === undefined ? (
        <div className="plain-actions">
          <button
            type="button"
            className={alive.length === 0 ? "plain-button plain-button--main" : "plain-button"}
            disabled={isBusy}
            onClick={() => void tell(() => call(residentAliroEndpoints.ask, {}))}
          >
            {t.phones.ask}
          </button>
        </div>
      ) : (
        <div className="plain-notice">
          <p>
            <strong>{fillText(t.phones.asked, { when: moments.moment(askedAt) })}</strong>
          </p>
          <button
            type="button"
            className="plain-button"
            disabled={isBusy}
            onClick={() => void tell(() => call(residentAliroEndpoints.takeBack, {}))}
          >
            {t.phones.takeBack}
          </button>
        </div>
      )}
      {ended.length === 0 ? null : (
        <>
          <h2>{t.phones.ended}</h2>
          <ul className="plain-list">
            {ended.map(({ id, label, state, stateChangedAt }) => (
              <li key={id}>
                {fillText(t.phones.name, { label })} · {t.phones.state[state]}{" "}
                <span className="plain-quiet">{moments.moment(stateChangedAt)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Phone(props: { phone: OwnPhoneKey; isBusy: boolean; onRemove: () => void }) {
  const t = useTexts();
  const moments = useMoments();
  const due = useReceipts();
  const { phone, isBusy } = props;
  const name = fillText(t.phones.name, { label: phone.label });
  const isDue = due.value?.some(({ credentialId }) => credentialId === phone.id) ?? false;
  return (
    <section aria-label={name} className="phone-key">
      <h2>{name}</h2>
      <p>
        <StateMark tone={phone.state === "active" ? "granted" : "refused"}>
          {t.phones.state[phone.state]}
        </StateMark>{" "}
        <span className="plain-quiet">
          {fillText(t.phones.since, { when: moments.moment(phone.enrolledAt) })}
        </span>
      </p>
      {phone.log === undefined ? null : <p className="plain-quiet">{t.phones.log[phone.log]}</p>}
      {isDue ? (
        <div className="plain-notice plain-notice--due">
          <p>{t.phones.unsigned}</p>
          <p>
            <a href="#/receipts">{t.phones.confirm}</a>
          </p>
        </div>
      ) : null}
      <AskTwice
        label={t.phones.remove}
        confirm={t.phones.removeYes}
        help={t.phones.removeAsk}
        cancel={t.phones.keep}
        isBusy={isBusy}
        onConfirm={props.onRemove}
      />
    </section>
  );
}
