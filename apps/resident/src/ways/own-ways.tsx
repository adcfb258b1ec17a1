import { fillText, StateMark, type StateTone } from "@menshen/ui";
import { type OwnWay, residentWaysEndpoints, wayTexts } from "@menshen/wire";
import { useState } from "react";
import { ApiError, call } from "../api/client.ts";
import { signOnce, withSession } from "../api/session.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useOwned } from "../device/device-context.tsx";
import { residentKeyOf } from "../device/resident-key.ts";
import { useTexts } from "../i18n/texts.ts";
import { AskTwice } from "../layout/ask-twice.tsx";
import { credentialName } from "../layout/credential-name.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";
import { WatchLost } from "./watch-lost.tsx";

const ask = () => call(residentWaysEndpoints.list, {});
const TONES: Readonly<Record<OwnWay["state"], StateTone>> = {
  ordered: "quiet",
  personalised: "quiet",
  active: "granted",
  blocked: "refused",
  lost: "refused",
  returned: "quiet",
  replaced: "quiet",
  destroyed: "quiet",
};

/** Every way in that I hold, whether it opens now, and what I can do about it without the desk. */
export function OwnWays() {
  const t = useTexts();
  const { owner } = useOwned();
  const ways = useAnswer("ways", ask);
  const [failure, setFailure] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const [drawn, setDrawn] = useState<{ readonly pin: string; readonly duressPin: string }>();

  async function tell(what: () => Promise<unknown>) {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await withSession(owner, what);
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "device");
    }
    setIsBusy(false);
    ways.again();
  }

  const lose = (id: string) =>
    tell(() => {
      const signature = residentKeyOf(owner.seed).sign(wayTexts.lose(owner.communityId, id));
      return call(residentWaysEndpoints.lose, { params: { id }, body: { signature } });
    });
  const draw = () =>
    tell(async () => {
      const signed = await signOnce(owner, (challenge) => wayTexts.drawPin(owner.communityId, challenge));
      setDrawn(await call(residentWaysEndpoints.drawPin, { body: signed }));
    });

  const { value } = ways;
  const hasPin = value?.items.some(({ kind }) => kind === "pin") ?? false;
  return (
    <section aria-labelledby="own-ways">
      <h2 id="own-ways" className="rights__title">
        {t.nav.mine}
      </h2>
      {failure === undefined ? null : <Problem code={failure} />}
      {ways.failure === undefined ? null : <Problem code={ways.failure} onRetry={ways.again} />}
      {value === undefined && ways.isAsking ? <Loading /> : null}
      {value?.items.length === 0 ? <Nothing title={t.ways.none}>{t.ways.noneHelp}</Nothing> : null}
      <ul className="plain-list held-ways">
        {value?.items.map((way) => (
          <Way key={way.id} way={way} isBusy={isBusy || ways.isOld} onLost={() => void lose(way.id)} />
        ))}
      </ul>
      {value?.offersPin !== true ? null : (
        <div className="plain-no-print">
          {drawn === undefined ? null : <DrawnPin {...drawn} onHide={() => setDrawn(undefined)} />}
          <AskTwice
            key={drawn?.pin}
            label={hasPin ? t.ways.pin.another : t.ways.pin.first}
            confirm={t.ways.pin.confirm}
            help={hasPin ? t.ways.pin.anotherHelp : t.ways.pin.firstHelp}
            isBusy={isBusy || ways.isOld}
            onConfirm={() => void draw()}
          />
        </div>
      )}
    </section>
  );
}

function Way(props: { way: OwnWay; isBusy: boolean; onLost: () => void }) {
  const t = useTexts();
  const moments = useMoments();
  const { way } = props;
  const name = credentialName(t, way.kind, way.kind === "pin" ? "" : way.label);
  return (
    <li>
      <span className="held-way">
        <strong>{name}</strong>
        <StateMark tone={TONES[way.state]}>{t.ways.state[way.state]}</StateMark>
      </span>
      <span className="plain-quiet">
        {fillText(t.ways.since, { when: moments.day(way.enrolledAt) })}
        {way.until === undefined ? "" : ` · ${fillText(t.ways.until, { when: moments.moment(way.until) })}`}
      </span>
      {way.state === "lost" ? (
        <>
          <p className="plain-quiet">{t.ways.foundHelp}</p>
          <WatchLost way={way} />
        </>
      ) : null}
      {way.mayLose ? (
        <AskTwice
          label={t.ways.lose}
          confirm={t.ways.loseConfirm}
          help={t.ways.loseHelp}
          isBusy={props.isBusy}
          onConfirm={props.onLost}
        />
      ) : null}
    </li>
  );
}

/** The digits, once: nobody can show them again. */
function DrawnPin(props: { pin: string; duressPin: string; onHide: () => void }) {
  const t = useTexts();
  return (
    <div role="status" className="plain-notice plain-notice--due">
      <p>{t.ways.pin.shown}</p>
      <p className="drawn-pin">{props.pin}</p>
      <p>{t.ways.pin.duress}</p>
      <p className="drawn-pin drawn-pin--second">{props.duressPin}</p>
      <p>
        <button type="button" className="plain-button" onClick={props.onHide}>
          {t.ways.pin.hide}
        </button>
      </p>
    </div>
  );
}
