import { areaText } from "@menshen/domain";
import { fillText } from "@menshen/ui";
import { type ResidentMotion, residentMotionEndpoints } from "@menshen/wire";
import { useEffect, useState } from "react";
import { ApiError, call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { useOwned } from "../device/device-context.tsx";
import { AskTwice } from "../layout/ask-twice.tsx";
import { useMoments } from "../layout/moments.ts";
import { Problem } from "../layout/notices.tsx";
import { BallotForm } from "./ballot-form.tsx";
import { castAdvice, castBallot, castSealed, sealChoice } from "./cast-ballot.ts";
import { OwnBallot } from "./own-ballot.tsx";
import { useVoteTexts } from "./use-vote-texts.ts";
import { VoteOutcome } from "./vote-result.tsx";

/** While a ballot waits for the log, the page asks this often. */
const ASK_EVERY_MS = 5_000;

/** One motion: what it says, what it takes, one's ballot, and how it ended. */
export function MotionDetail(props: { seen: ResidentMotion; onChanged: () => void }) {
  const t = useVoteTexts();
  const moments = useMoments();
  const { seen, onChanged } = props;
  const { motion, heads, advisory } = seen;
  const ballots = [...heads.map(({ ballot }) => ballot), advisory?.ballot];
  const waits = ballots.some((ballot) => ballot !== undefined && ballot.evidence.leafIndex === undefined);
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(onChanged, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [waits, onChanged]);
  const isOpen = motion.stage === "open";
  return (
    <>
      <p>
        <a href="#/votes">{t.back}</a>
      </p>
      <h2>{motion.title}</h2>
      <p className="motion-text">{motion.text}</p>
      <dl className="plain-facts">
        <dt>{t.kind}</dt>
        <dd>{t.matter[motion.matter]}</dd>
        <dt>{t.opens}</dt>
        <dd>{moments.moment(motion.opensAt)}</dd>
        <dt>{t.closes}</dt>
        <dd>{moments.moment(motion.closesAt)}</dd>
        <dt>{t.needs}</dt>
        <dd>{motion.majority === "three-quarters" ? t.needsThree : t.needsHalf}</dd>
      </dl>
      {isOpen ? (
        <p>{fillText(t.soFar, { voted: motion.votedHeads, heads: motion.roll?.heads ?? 0 })}</p>
      ) : null}
      <VoteOutcome motion={motion} />
      {heads.map((head) => (
        <HeadBallot key={head.number} seen={seen} head={head} onChanged={onChanged} />
      ))}
      {advisory === undefined ? null : <Advice seen={seen} onChanged={onChanged} />}
      {heads.length === 0 && advisory === undefined ? <p className="plain-quiet">{t.notYours}</p> : null}
      {isOpen ? (
        <p className="plain-quiet">
          {motion.secret === undefined ? t.open : t.secretBallot} {t.secret}
        </p>
      ) : null}
      {motion.stage === "counted" || motion.stage === "closed" ? (
        <p>
          <a href="/public/#votes">{t.recount}</a>
        </p>
      ) : null}
    </>
  );
}

function HeadBallot(props: {
  seen: ResidentMotion;
  head: ResidentMotion["heads"][number];
  onChanged: () => void;
}) {
  const t = useVoteTexts();
  const { owner } = useOwned();
  const { motion } = props.seen;
  const { number, areaDm2, dwellingNames, ballot, byProxy, hasProxy } = props.head;
  const facts = { names: dwellingNames.join("、"), area: areaText(areaDm2) };
  const name = fillText(t.head, facts);
  const key = motion.secret?.key;
  return (
    <section aria-label={name}>
      <h2>{name}</h2>
      {byProxy ? <p className="plain-quiet">{t.byProxy}</p> : null}
      {hasProxy && ballot === undefined ? (
        <ProxyGiven motionId={motion.id} number={number} onChanged={props.onChanged} />
      ) : null}
      {ballot === undefined ? null : <OwnBallot ballot={ballot} />}
      {ballot === undefined && motion.stage === "open" ? (
        <BallotForm
          legend={t.choose}
          review={fillText(t.reviewText, { ...facts, title: motion.title, choice: "{{choice}}" })}
          cast={t.cast}
          seal={key === undefined ? undefined : (choice) => sealChoice(owner, motion, key, number, choice)}
          onCast={async (choice, sealed) => {
            await (sealed === undefined
              ? castBallot(owner, motion, number, choice)
              : castSealed(owner, motion, number, sealed));
            props.onChanged();
          }}
        />
      ) : null}
    </section>
  );
}

/** Somebody else may vote for this head, until its owner takes that back or one of them votes. */
function ProxyGiven(props: { motionId: string; number: number; onChanged: () => void }) {
  const t = useVoteTexts();
  const { owner } = useOwned();
  const [failure, setFailure] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const params = { id: props.motionId, number: props.number };
  async function withdraw() {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await withSession(owner, () => call(residentMotionEndpoints.withdrawProxy, { params }));
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "device");
    }
    setIsBusy(false);
    props.onChanged();
  }
  return (
    <>
      <p className="plain-quiet">{t.hasProxy}</p>
      {failure === undefined ? null : <Problem code={failure} onRetry={() => void withdraw()} />}
      <AskTwice
        label={t.withdrawProxy}
        confirm={t.withdrawProxyYes}
        help={t.withdrawProxyHelp}
        isBusy={isBusy}
        onConfirm={() => void withdraw()}
      />
    </>
  );
}

function Advice(props: { seen: ResidentMotion; onChanged: () => void }) {
  const t = useVoteTexts();
  const { owner } = useOwned();
  const { motion, advisory } = props.seen;
  const ballot = advisory?.ballot;
  if (ballot === undefined && motion.stage !== "open") return null;
  return (
    <section aria-labelledby="advice">
      <h2 id="advice">{t.advisoryTitle}</h2>
      <p>{t.advisoryHelp}</p>
      {ballot === undefined ? (
        <BallotForm
          legend={t.choose}
          review={fillText(t.advisoryReview, { title: motion.title, choice: "{{choice}}" })}
          cast={t.advisoryCast}
          onCast={async (choice) => {
            await castAdvice(owner, motion, choice);
            props.onChanged();
          }}
        />
      ) : (
        <OwnBallot ballot={ballot} />
      )}
    </section>
  );
}
