import { fillText, StateMark, usePreferences, VoteThresholds } from "@menshen/ui";
import type { PublicMotion } from "@menshen/wire";
import { useVoteTexts } from "./use-vote-texts.ts";

/** How a vote ended, with the exact numbers of each threshold. */
export function VoteOutcome(props: { motion: PublicMotion }) {
  const t = useVoteTexts();
  const { language } = usePreferences();
  const { result, majority } = props.motion;
  if (result === undefined) return null;
  return (
    <section aria-labelledby="vote-result">
      <h2 id="vote-result">{t.result}</h2>
      <p>
        <StateMark tone={result.passed ? "granted" : "refused"}>
          {result.passed ? t.passed : t.rejected}
        </StateMark>
      </p>
      {result.unopened === true ? <p>{t.unopened}</p> : null}
      <VoteThresholds
        vote={result.vote}
        majority={majority}
        language={language}
        isUnopened={result.unopened === true}
      />
      <p className="plain-quiet">{fillText(t.advisoryResult, { ...result.advisory })}</p>
    </section>
  );
}
