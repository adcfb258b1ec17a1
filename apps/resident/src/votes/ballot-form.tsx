import { VOTE_CHOICES, type VoteChoice } from "@menshen/domain";
import { fillText } from "@menshen/ui";
import { useId, useState } from "react";
import { ApiError } from "../api/client.ts";
import { Problem } from "../layout/notices.tsx";
import type { SealedBallot } from "./cast-ballot.ts";
import { Challenged, SealedCode } from "./challenge.tsx";
import { useVoteTexts } from "./use-vote-texts.ts";

/**
 * A choice, a look at it, and the ballot. Nothing is chosen beforehand.
 *
 * @param props.review what is cast, in words, with `{{choice}}`
 */
export function BallotForm(props: {
  legend: string;
  review: string;
  cast: string;
  onCast: (choice: VoteChoice, sealed: SealedBallot | undefined) => Promise<void>;
  /** In a secret vote: seals the choice when it is reviewed. */
  seal?: ((choice: VoteChoice) => SealedBallot) | undefined;
}) {
  const t = useVoteTexts();
  const id = useId();
  const [choice, setChoice] = useState<VoteChoice>();
  const [isReviewed, setIsReviewed] = useState(false);
  const [sealed, setSealed] = useState<SealedBallot>();
  const [isChallenged, setIsChallenged] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const cast = async (chosen: VoteChoice) => {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await props.onCast(chosen, sealed);
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "device");
      setIsBusy(false);
    }
  };
  /** Whatever was sealed before is forgotten: one that was opened is never cast. */
  const review = (chosen: VoteChoice | undefined) => {
    setIsChallenged(false);
    setSealed(chosen === undefined ? undefined : props.seal?.(chosen));
    setIsReviewed(chosen !== undefined);
  };
  if (choice !== undefined && sealed !== undefined && isChallenged) {
    return <Challenged sealed={sealed} choice={choice} onAgain={() => review(choice)} />;
  }
  if (choice !== undefined && isReviewed) {
    return (
      <section className="plain-notice plain-notice--due" aria-label={t.reviewTitle}>
        <p>
          <strong>{t.reviewTitle}</strong>
        </p>
        <p>{fillText(props.review, { choice: t.choice[choice] })}</p>
        <p>{t.final}</p>
        {sealed === undefined ? null : <SealedCode sealed={sealed} />}
        {failure === undefined ? null : <Problem code={failure} />}
        <div className="plain-actions">
          <button
            type="button"
            className="plain-button plain-button--main"
            disabled={isBusy}
            onClick={() => void cast(choice)}
          >
            {isBusy ? t.casting : props.cast}
          </button>
          <button type="button" className="plain-button" disabled={isBusy} onClick={() => review(undefined)}>
            {t.change}
          </button>
          {sealed === undefined ? null : (
            <button
              type="button"
              className="plain-button"
              disabled={isBusy}
              onClick={() => setIsChallenged(true)}
            >
              {t.challenge}
            </button>
          )}
        </div>
      </section>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        review(choice);
      }}
    >
      <fieldset className="ballot">
        <legend>{props.legend}</legend>
        {VOTE_CHOICES.map((one) => (
          <label key={one} className="ballot__choice" htmlFor={`${id}-${one}`}>
            <input
              id={`${id}-${one}`}
              type="radio"
              name={id}
              checked={choice === one}
              onChange={() => setChoice(one)}
            />
            {t.choice[one]}
          </label>
        ))}
      </fieldset>
      <div className="plain-actions">
        <button type="submit" className="plain-button plain-button--main" disabled={choice === undefined}>
          {t.review}
        </button>
      </div>
    </form>
  );
}
