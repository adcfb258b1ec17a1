import { tidyCrockford } from "@menshen/domain";
import { fillText } from "@menshen/ui";
import { useMemo, useState } from "react";
import { useOwned } from "../device/device-context.tsx";
import { recoveryGroups } from "../device/recovery-code.ts";
import { useTexts } from "../i18n/texts.ts";
import { goTo } from "../layout/use-page.ts";
import { RecoverySheet } from "./recovery-sheet.tsx";

/** Full groups; the last one has two characters only. */
const FULL_GROUPS = 13;

/** Shows the recovery code, prints it, and asks for two groups of it. */
export function CodePage() {
  const t = useTexts();
  const { store, owner, isShared, setOwner } = useOwned();
  const asked = useMemo(() => askedGroups(), []);
  const [typed, setTyped] = useState(["", ""]);
  const [isWrong, setIsWrong] = useState(false);

  async function confirm() {
    const groups = recoveryGroups(owner.seed);
    const fits = asked.every((index, place) => tidyCrockford(typed[place] ?? "") === groups[index]);
    setIsWrong(!fits);
    if (!fits) return;
    const confirmed = { ...owner, hasConfirmedCode: true };
    await store.keepOwner(confirmed);
    setOwner(confirmed);
    goTo("home");
  }

  return (
    <>
      <p>{t.code.lead}</p>
      <p className="plain-notice plain-notice--due">{isShared ? t.shared.code : t.code.lost}</p>
      <RecoverySheet seed={owner.seed} />
      <div className="plain-no-print">
        <div className="plain-actions">
          <button type="button" className="plain-button" onClick={() => print()}>
            {t.code.print}
          </button>
        </div>
        <h2>{t.code.confirmTitle}</h2>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void confirm();
          }}
        >
          <p>{fillText(t.code.confirm, { first: asked[0] + 1, second: asked[1] + 1 })}</p>
          <div className="code-fields">
            {asked.map((index, place) => (
              <div className="plain-field" key={index}>
                <label htmlFor={`group-${index}`}>{fillText(t.code.group, { number: index + 1 })}</label>
                <input
                  id={`group-${index}`}
                  className="plain-mono"
                  value={typed[place]}
                  maxLength={8}
                  autoComplete="off"
                  autoCapitalize="characters"
                  spellCheck={false}
                  onChange={(event) => setTyped(typed.with(place, event.target.value))}
                />
              </div>
            ))}
          </div>
          {isWrong ? (
            <p role="alert" className="plain-notice plain-notice--due">
              {t.code.wrong}
            </p>
          ) : null}
          <div className="plain-actions">
            <button type="submit" className="plain-button plain-button--main">
              {t.code.submit}
            </button>
            {isShared ? null : (
              <a className="plain-button" href="#/home">
                {t.code.later}
              </a>
            )}
          </div>
        </form>
      </div>
    </>
  );
}

/** Two different groups, from 0, in order. */
function askedGroups(): readonly [number, number] {
  const first = Math.floor(Math.random() * (FULL_GROUPS - 1));
  return [first, first + 1 + Math.floor(Math.random() * (FULL_GROUPS - first - 1))];
}
