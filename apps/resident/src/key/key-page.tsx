import { fillText } from "@menshen/ui";
import type { ResidentMe } from "@menshen/wire";
import { useState } from "react";
import { useMe } from "../api/answers.ts";
import { useOwned } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { RecoverySheet } from "../join/recovery-sheet.tsx";
import { credentialName } from "../layout/credential-name.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Problem } from "../layout/notices.tsx";
import { OwnPasskeys } from "../passkeys/own-passkeys.tsx";
import { ChangeKey } from "./change-key.tsx";
import { FormerKey } from "./former-key.tsx";

/** One's own key: since when, which ones there were, its recovery code, and how to change or delete it. */
export function KeyPage() {
  const t = useTexts();
  const me = useMe();
  const { owner, isShared } = useOwned();
  const [isShown, setIsShown] = useState(false);
  return (
    <>
      {me.failure === undefined ? null : <Problem code={me.failure} onRetry={me.again} />}
      {me.value === undefined ? me.isAsking ? <Loading /> : null : <Facts me={me.value} />}
      <h2>{t.key.recoveryTitle}</h2>
      <p>{t.code.lead}</p>
      <div className="plain-actions plain-no-print">
        <button
          type="button"
          className="plain-button"
          aria-expanded={isShown}
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? t.code.hide : t.code.show}
        </button>
        {isShown ? (
          <button type="button" className="plain-button" onClick={() => print()}>
            {t.code.print}
          </button>
        ) : null}
      </div>
      {isShown ? <RecoverySheet seed={owner.seed} /> : null}
      {isShared ? null : <OwnPasskeys />}
      {me.value === undefined || me.isOld ? null : (
        <>
          {me.value.keys.length > 1 ? <FormerKey /> : null}
          <ChangeKey me={me.value} />
        </>
      )}
    </>
  );
}

function Facts(props: { me: ResidentMe }) {
  const t = useTexts();
  const moments = useMoments();
  const { me } = props;
  const homes = me.homes.map(({ role, name }) =>
    name === undefined ? t.role[role] : `${name} · ${t.role[role]}`,
  );
  const cards = me.credentials.map(({ kind, label }) => credentialName(t, kind, label));
  return (
    <div className="plain-no-print">
      <dl className="plain-facts">
        <dt>{t.key.facts.person}</dt>
        <dd>{me.displayName}</dd>
        <dt>{t.key.facts.homes}</dt>
        <dd>{homes.join(t.common.separator)}</dd>
        {cards.length === 0 ? null : (
          <>
            <dt>{t.key.facts.cards}</dt>
            <dd>{cards.join(t.common.separator)}</dd>
          </>
        )}
        <dt>{t.key.facts.since}</dt>
        <dd>{moments.moment(me.registeredAt)}</dd>
      </dl>
      <h2>{t.key.historyTitle}</h2>
      <ul className="plain-list">
        {me.keys.map((key) => (
          <li key={key.registeredAt}>
            {moments.moment(key.registeredAt)} · {t.key.history[key.registeredBy]} ·{" "}
            {key.endedAt === undefined
              ? t.key.current
              : fillText(t.key.until, { when: moments.moment(key.endedAt) })}
          </li>
        ))}
      </ul>
      <p className="plain-quiet">{t.key.historyHelp}</p>
    </div>
  );
}
