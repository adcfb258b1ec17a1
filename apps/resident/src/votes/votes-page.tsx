import "./votes.css";
import { StateMark } from "@menshen/ui";
import { type ResidentMotion, residentMotionEndpoints } from "@menshen/wire";
import { call } from "../api/client.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";
import { MotionDetail } from "./motion-detail.tsx";
import { useVoteTexts } from "./use-vote-texts.ts";

const ask = async () => (await call(residentMotionEndpoints.list, {})).items;

/** Motions of the owners; one of them if its id is given. */
export function VotesPage(props: { part: string | undefined }) {
  const t = useVoteTexts();
  const motions = useAnswer("motions", ask);
  const chosen = motions.value?.find(({ motion }) => motion.id === props.part);
  return (
    <>
      {motions.failure === undefined ? null : <Problem code={motions.failure} onRetry={motions.again} />}
      {motions.value === undefined && motions.isAsking ? <Loading /> : null}
      {chosen === undefined ? null : <MotionDetail seen={chosen} onChanged={motions.again} />}
      {chosen !== undefined || motions.value === undefined ? null : (
        <>
          <p className="plain-quiet">{t.lead}</p>
          {motions.value.length === 0 ? <Nothing title={t.none}>{t.noneHelp}</Nothing> : null}
          <ul className="rights">
            {motions.value.map((seen) => (
              <MotionLine key={seen.motion.id} seen={seen} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function MotionLine(props: { seen: ResidentMotion }) {
  const t = useVoteTexts();
  const moments = useMoments();
  const { motion, heads, advisory } = props.seen;
  const isDue =
    motion.stage === "open" &&
    (heads.some(({ ballot }) => ballot === undefined) ||
      (advisory !== undefined && advisory.ballot === undefined));
  return (
    <li>
      <a className="right" href={`#/votes/${motion.id}`}>
        <span className="right__title">{motion.title}</span>
        <span className="right__fact">
          {motion.result === undefined ? (
            <>
              {isDue ? t.yours : t.stage[motion.stage]} · {moments.moment(motion.opensAt)} –{" "}
              {moments.moment(motion.closesAt)}
            </>
          ) : (
            <StateMark tone={motion.result.passed ? "granted" : "refused"}>
              {motion.result.passed ? t.passed : t.rejected}
            </StateMark>
          )}
        </span>
      </a>
    </li>
  );
}
