import { randomBytes } from "@menshen/crypto";
import { type EntrySource, type RecountOutcome, recountVote } from "@menshen/custody";
import { type SignedCheckpoint, TILE_WIDTH } from "@menshen/evidence";
import { fillText, StateMark, usePreferences, VoteThresholds } from "@menshen/ui";
import { type PublicMotion, publicMotionEndpoints, type Recount } from "@menshen/wire";
import { useEffect, useState } from "react";
import { useCommunityMoments } from "../community/use-community.tsx";
import { readBundle } from "../log/read-log.ts";
import { useVoteTexts } from "./texts.ts";

/** Motions of the owners, each to be counted again in this browser. */
export function VotesSection(props: { signed: SignedCheckpoint }) {
  const t = useVoteTexts();
  const [motions, setMotions] = useState<readonly PublicMotion[] | "unread">();
  useEffect(() => {
    let isGone = false;
    readMotions().then(
      (items) => {
        if (!isGone) setMotions(items);
      },
      () => {
        if (!isGone) setMotions("unread");
      },
    );
    return () => {
      isGone = true;
    };
  }, []);
  return (
    <section aria-labelledby="votes">
      <h2 id="votes">{t.title}</h2>
      <p>{t.help}</p>
      {motions === "unread" ? <p role="alert">{t.unread}</p> : null}
      {motions?.length === 0 ? <p className="plain-quiet">{t.none}</p> : null}
      {motions === undefined || motions === "unread" ? null : (
        <ul className="plain-list">
          {motions.map((motion) => (
            <li key={motion.id}>
              <Motion motion={motion} signed={props.signed} />
            </li>
          ))}
        </ul>
      )}
      <p className="plain-quiet">
        <a href={publicMotionEndpoints.list.path}>{t.asJson}</a>
      </p>
    </section>
  );
}

/** A secret vote takes a while: the page draws in between. */
const TOOLS = {
  random: randomBytes,
  pause: () => new Promise((resolve) => setTimeout(resolve)),
};

async function readMotions(): Promise<readonly PublicMotion[]> {
  const response = await fetch(publicMotionEndpoints.list.path);
  if (!response.ok) throw new Error("no motions");
  const { items }: { items: PublicMotion[] } = await response.json();
  return items;
}

async function readRecount(id: string): Promise<Recount> {
  const response = await fetch(publicMotionEndpoints.recount.path.replace(":id", id), { cache: "no-cache" });
  if (!response.ok) throw new Error("no recount");
  return response.json();
}

/** Entries of the log under this checkpoint, each bundle read once. */
function entriesUnder(signed: SignedCheckpoint): EntrySource {
  const bundles = new Map<number, ReturnType<typeof readBundle>>();
  return async (leafIndex) => {
    if (leafIndex >= signed.checkpoint.size) return undefined;
    const place = Math.floor(leafIndex / TILE_WIDTH);
    const reading = bundles.get(place) ?? readBundle(signed, place);
    bundles.set(place, reading);
    const bundle = await reading;
    return bundle.read ? bundle.entries[leafIndex % TILE_WIDTH] : undefined;
  };
}

function Motion(props: { motion: PublicMotion; signed: SignedCheckpoint }) {
  const t = useVoteTexts();
  const { language } = usePreferences();
  const moments = useCommunityMoments();
  const { motion, signed } = props;
  const { result } = motion;
  const [outcome, setOutcome] = useState<RecountOutcome | "counting" | "unread">();
  const count = async () => {
    setOutcome("counting");
    try {
      setOutcome(await recountVote(await readRecount(motion.id), entriesUnder(signed), TOOLS));
    } catch {
      setOutcome("unread");
    }
  };
  return (
    <article aria-label={motion.title}>
      <h3>{motion.title}</h3>
      <p className="vote__text">{motion.text}</p>
      <p className="plain-quiet">
        {motion.secret === undefined ? null : `${t.secret} · `}
        {t.stage[motion.stage]} ·{" "}
        {fillText(t.times, { from: moments.moment(motion.opensAt), until: moments.moment(motion.closesAt) })}
      </p>
      {result === undefined ? null : (
        <>
          <p>
            <StateMark tone={result.passed ? "granted" : "refused"}>
              {result.passed ? t.passed : t.rejected}
            </StateMark>
          </p>
          {result.unopened === true ? <p>{t.unopened}</p> : null}
          <VoteThresholds
            vote={result.vote}
            majority={motion.majority}
            language={language}
            isUnopened={result.unopened === true}
          />
          <p className="plain-quiet">{fillText(t.advisory, { ...result.advisory })}</p>
          <div className="plain-actions">
            <button
              type="button"
              className="plain-button"
              disabled={outcome === "counting"}
              onClick={() => void count()}
            >
              {t.recount}
            </button>
          </div>
          <p role="status">
            {outcome === undefined ? null : outcome === "counting" ? (
              t.counting
            ) : (
              <Outcome outcome={outcome} />
            )}
          </p>
        </>
      )}
    </article>
  );
}

function Outcome(props: { outcome: RecountOutcome | "unread" }) {
  const t = useVoteTexts();
  const { outcome } = props;
  if (outcome === "unread") return <StateMark tone="offline">{t.unread}</StateMark>;
  if (outcome.good) {
    const { ballots, advisory } = outcome;
    return <StateMark tone="granted">{fillText(t.good, { ballots, advisory })}</StateMark>;
  }
  const { fault, leafIndex } = outcome;
  const where = leafIndex === undefined ? "" : fillText(t.where, { index: leafIndex });
  return (
    <StateMark tone={fault === "waiting" || fault === "unread" ? "offline" : "alarm"}>
      {fillText(t.bad, { why: t.fault[fault], where })}
    </StateMark>
  );
}
