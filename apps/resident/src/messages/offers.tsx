import { fillText, StateMark } from "@menshen/ui";
import { messageEndpoints, residentConsentEndpoints } from "@menshen/wire";
import { useState } from "react";
import { ApiError, call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { useAnswer } from "../api/use-answer.ts";
import { withdraw } from "../consents/decide.ts";
import { useOwned } from "../device/device-context.tsx";
import type { DeviceOwner } from "../device/device-store.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Problem } from "../layout/notices.tsx";
import { useMessageTexts } from "./use-message-texts.ts";

const askOffers = () => call(messageEndpoints.ownCommercial, {});

/**
 * Turns them off: from the server's answer on nothing is sent or shown. Then the consent is withdrawn, which the same press
 * meant; that may fail without turning them on again.
 *
 * @returns whether the consent is withdrawn, too
 */
async function turnOff(owner: DeviceOwner): Promise<boolean> {
  await withSession(owner, () => call(messageEndpoints.stopCommercial, {}));
  try {
    const { records } = await call(residentConsentEndpoints.list, {});
    const given = records.filter(
      ({ purpose, state }) =>
        purpose === "commercial-messages" && (state === "in-force" || state === "suspended"),
    );
    for (const { recordId } of given) await withdraw(owner, recordId);
    return true;
  } catch {
    return false;
  }
}

/** Commercial messages that somebody agreed to, or that there are none. */
export function Offers() {
  const t = useMessageTexts();
  const moments = useMoments();
  const { owner } = useOwned();
  const offers = useAnswer("offers", askOffers);
  const [stopped, setStopped] = useState<"off" | "withdrawn">();
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  // What this device remembers of an earlier visit is not shown once they were turned off here.
  const isOn = stopped === undefined && offers.value?.isOn === true;

  async function stop() {
    setIsBusy(true);
    setFailure(undefined);
    try {
      setStopped((await turnOff(owner)) ? "withdrawn" : "off");
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "device");
    }
    setIsBusy(false);
    offers.again();
  }

  return (
    <section className="offers" aria-labelledby="offers">
      <h2 id="offers">{t.commercial}</h2>
      {offers.failure === undefined ? null : <Problem code={offers.failure} onRetry={offers.again} />}
      {failure === undefined ? null : <Problem code={failure} />}
      {offers.value === undefined && offers.isAsking ? <Loading /> : null}
      <p role="status">{stopped === undefined ? "" : stopped === "withdrawn" ? t.stopped : t.stoppedOnly}</p>
      {isOn ? (
        <>
          <p className="plain-quiet">{t.commercialHelp}</p>
          <div className="plain-actions">
            <button type="button" className="plain-button" disabled={isBusy} onClick={() => void stop()}>
              {t.off}
            </button>
          </div>
          {offers.value?.items.length === 0 ? <p>{t.noneCommercial}</p> : null}
          {offers.value?.items.map(({ id, title, text, advertiser, sentAt }) => (
            <article key={id} className="offer" aria-label={`${t.commercialMark}: ${title}`}>
              <p>
                <span className="offer__mark">{t.commercialMark}</span>{" "}
                <span className="plain-quiet">
                  {fillText(t.from, { name: advertiser })} · {moments.moment(sentAt)}
                </span>
              </p>
              <h3>{title}</h3>
              <p className="message__text">{text}</p>
            </article>
          ))}
        </>
      ) : null}
      {!isOn && (stopped !== undefined || offers.value !== undefined) ? (
        <>
          <p>
            <StateMark tone="quiet">{t.isOff}</StateMark>
          </p>
          <p className="plain-quiet">{stopped === undefined ? t.neverOn : t.isOffHelp}</p>
          <p>
            <a href="#/consents">{t.turnOn}</a>
          </p>
        </>
      ) : null}
    </section>
  );
}
