import { fillText, QrCode, StateMark, usePreferences, visitWords } from "@menshen/ui";
import { residentPassEndpoints, type TokenIssuingKey } from "@menshen/wire";
import { useEffect, useState } from "react";
import { ApiError, call } from "../api/client.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useOwned } from "../device/device-context.tsx";
import type { TokenRecord } from "../device/device-store.ts";
import { useTexts } from "../i18n/texts.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Problem } from "../layout/notices.tsx";
import { usePinnedLog } from "../log/use-log.ts";
import { useDoors } from "../pass/use-phone-pass.ts";
import { ShareBar } from "../visits/share-bar.tsx";
import { visitLink, visitText } from "../visits/sign-visit.ts";
import { getToken } from "./get-token.ts";

const askKeys = () => call(residentPassEndpoints.tokenKeys, {});

/** One-time tokens that leave no trail: what they are, getting one, and those that were got. */
export function TokensPage() {
  const t = useTexts();
  const { store } = useOwned();
  const keys = useAnswer("token-keys", askKeys);
  const [tokens, setTokens] = useState<readonly TokenRecord[]>();
  useEffect(() => {
    store.tokens().then(setTokens, () => setTokens([]));
  }, [store]);

  async function keep(next: readonly TokenRecord[]) {
    await store.keepTokens(next);
    setTokens(next);
  }

  return (
    <>
      <p>{t.tokens.lead}</p>
      <ul className="reasons">
        {t.tokens.points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      <p className="plain-quiet">{t.tokens.honest}</p>
      {keys.failure === undefined ? null : <Problem code={keys.failure} onRetry={keys.again} />}
      {keys.value === undefined ? (
        keys.isAsking ? (
          <Loading />
        ) : null
      ) : keys.value.perDay === 0 ? (
        <p className="plain-notice">{t.tokens.off}</p>
      ) : (
        <GetToken
          keys={keys.value.items}
          left={keys.isOld ? 0 : keys.value.leftToday}
          perDay={keys.value.perDay}
          onGot={(token) => {
            void keep([token, ...(tokens ?? [])]);
            keys.again();
          }}
        />
      )}
      {tokens === undefined || tokens.length === 0 ? null : (
        <>
          <h2>{t.tokens.mine}</h2>
          <ul className="plain-list">
            {tokens.map((token) => (
              <li key={token.serial}>
                <OneToken
                  token={token}
                  onShared={() =>
                    void keep(
                      tokens.map((one) =>
                        one.serial === token.serial ? { ...one, sharedAt: Date.now() } : one,
                      ),
                    )
                  }
                  onForget={() => void keep(tokens.filter((one) => one.serial !== token.serial))}
                />
              </li>
            ))}
          </ul>
        </>
      )}
      <p>
        <a href="#/visitors">{t.visits.back}</a>
      </p>
    </>
  );
}

function GetToken(props: {
  keys: readonly TokenIssuingKey[];
  left: number;
  perDay: number;
  onGot: (token: TokenRecord) => void;
}) {
  const t = useTexts();
  const { owner } = useOwned();
  const log = usePinnedLog();
  const doors = useDoors();
  const [busy, setBusy] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const namesOf = (doorGroup: number) => [
    ...new Set(doors.value?.doors.filter((door) => door.doorGroup === doorGroup).map(({ name }) => name)),
  ];
  // Only the days of doors that are one's own: another group's token would open nothing of use.
  const own = props.keys.filter(({ doorGroup }) => namesOf(doorGroup).length > 0);

  async function get(key: TokenIssuingKey, now: number) {
    if (log === undefined) return;
    setBusy(key.keyId);
    setFailure(undefined);
    try {
      const got = await getToken({ owner, key, log, doors: namesOf(key.doorGroup), now });
      if (typeof got === "string") setFailure(got);
      else props.onGot(got);
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "internal");
    }
    setBusy(undefined);
  }

  const words =
    failure === "not-in-log" ? t.tokens.notInLog : failure === "refused" ? t.tokens.refused : undefined;
  return (
    <>
      <p>
        <strong>{fillText(t.tokens.quota, { left: props.left, count: props.perDay })}</strong>
      </p>
      {words === undefined ? null : (
        <p role="alert" className="plain-notice plain-notice--due">
          {words}
        </p>
      )}
      {failure === undefined || words !== undefined ? null : <Problem code={failure} />}
      {own.length === 0 && !doors.isAsking ? <p className="plain-quiet">{t.tokens.none}</p> : null}
      <ul className="plain-list">
        {own.map((key) => (
          <li key={key.keyId} className="token-offer">
            <TokenDay from={key.from} until={key.until} doors={namesOf(key.doorGroup)} />
            <button
              type="button"
              className="plain-button"
              disabled={props.left === 0 || busy !== undefined || log === undefined}
              onClick={() => void get(key, Date.now())}
            >
              {busy === key.keyId ? `${t.tokens.checking}…` : t.tokens.get}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function TokenDay(props: { from: number; until: number; doors: readonly string[] }) {
  const t = useTexts();
  const { community } = useOwned();
  const { language } = usePreferences();
  const [now] = useState(Date.now);
  const timeZone = community?.timeZone ?? "Asia/Shanghai";
  const { span } = visitWords(props, now, language === "en" ? "en" : "zh-CN", timeZone);
  return <span>{fillText(t.tokens.day, { day: span, doors: props.doors.join(t.common.separator) })}</span>;
}

function OneToken(props: { token: TokenRecord; onShared: () => void; onForget: () => void }) {
  const t = useTexts();
  const moments = useMoments();
  const { community } = useOwned();
  const { language } = usePreferences();
  const [isShown, setIsShown] = useState(false);
  const [now] = useState(Date.now);
  const { token } = props;
  const name = community?.name ?? "";
  const timeZone = community?.timeZone ?? "Asia/Shanghai";
  const isOver = token.until <= now;
  // A message is read another day: no `today` in it.
  const { span } = visitWords(token, 0, language === "en" ? "en" : "zh-CN", timeZone);
  const note = {
    community: name,
    timeZone,
    doors: token.doors,
    day: { from: token.from, until: token.until },
  };
  const state = isOver
    ? t.tokens.over
    : token.sharedAt === undefined
      ? t.tokens.unused
      : fillText(t.tokens.shared, { when: moments.moment(token.sharedAt) });
  return (
    <>
      <p className="token-offer">
        <span>
          <TokenDay from={token.from} until={token.until} doors={token.doors} />
          <br />
          <StateMark tone="quiet">{state}</StateMark>
        </span>
        {isOver ? (
          <button type="button" className="plain-link" onClick={props.onForget}>
            {t.tokens.forget}
          </button>
        ) : (
          <button
            type="button"
            className="plain-button"
            aria-expanded={isShown}
            onClick={() => setIsShown(!isShown)}
          >
            {isShown ? t.tokens.hide : t.tokens.show}
          </button>
        )}
      </p>
      {isShown && !isOver ? (
        <>
          <QrCode text={visitText("visit-token", token.message)} label={t.tokens.codeLabel} />
          <p className="pass-code__words">{t.visits.warning}</p>
          <ShareBar
            link={visitLink("visit-token", token.message, note)}
            title={name}
            text={fillText(t.tokens.shareText, { community: name, when: span })}
            onShared={props.onShared}
          />
        </>
      ) : null}
    </>
  );
}
