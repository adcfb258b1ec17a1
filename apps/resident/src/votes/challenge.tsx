import type { VoteChoice } from "@menshen/domain";
import { fillText, QrCode } from "@menshen/ui";
import { saveFile } from "../consents/save-file.ts";
import type { SealedBallot } from "./cast-ballot.ts";
import { useVoteTexts } from "./use-vote-texts.ts";

/** What the voter writes down while nobody knows yet whether this ballot is cast or opened. */
export function SealedCode(props: { sealed: SealedBallot }) {
  const t = useVoteTexts();
  return (
    <>
      <p>{t.code}</p>
      <p className="ballot-code">
        <code>{inGroups(props.sealed.code)}</code>
      </p>
      <p className="plain-quiet">{t.challengeHelp}</p>
    </>
  );
}

/** An opened ballot: anybody's other device makes it again and reads its code. It cannot be cast any more. */
export function Challenged(props: { sealed: SealedBallot; choice: VoteChoice; onAgain: () => void }) {
  const t = useVoteTexts();
  const { opening, code } = props.sealed;
  const link = `${location.origin}/public/#ballot=${encodeURIComponent(opening)}`;
  return (
    <section className="plain-notice" aria-label={t.opened}>
      <p>
        <strong>{t.opened}</strong>
      </p>
      <p>{fillText(t.openedHelp, { choice: t.choice[props.choice] })}</p>
      <p className="ballot-code">
        <code>{inGroups(code)}</code>
      </p>
      <QrCode text={link} label={t.openedLink} />
      <p>
        <a href={link} target="_blank" rel="noreferrer">
          {t.openedLink}
        </a>
      </p>
      <div className="plain-actions">
        <button type="button" className="plain-button plain-button--main" onClick={props.onAgain}>
          {t.sealAgain}
        </button>
        <button
          type="button"
          className="plain-button"
          onClick={() => saveFile("menshen-ballot-check.json", opening)}
        >
          {t.openedSave}
        </button>
      </div>
    </section>
  );
}

function inGroups(code: string): string {
  return (code.match(/.{1,4}/g) ?? []).join(" ");
}
