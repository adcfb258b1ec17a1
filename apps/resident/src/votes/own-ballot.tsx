import { fillText, StateMark } from "@menshen/ui";
import type { ResidentMotion } from "@menshen/wire";
import { useEffect, useState } from "react";
import { request } from "../api/client.ts";
import { useMoments } from "../layout/moments.ts";
import { usePinnedLog } from "../log/use-log.ts";
import { verifyStatement } from "../log/verify-statement.ts";
import { useVoteTexts } from "./use-vote-texts.ts";

export type Ballot = NonNullable<ResidentMotion["heads"][number]["ballot"]>;

type Proof = "waiting" | "verified" | "failed" | "offline";
const TONES = { waiting: "quiet", verified: "granted", failed: "alarm", offline: "offline" } as const;

/** The proof of a leaf with its entry: topic and commitment, and nothing of what it says. */
async function proofOf(index: number): Promise<string> {
  return (await request(`/log/proof/${index}`)).text();
}

/** A ballot that one cast, checked here against the log. */
export function OwnBallot(props: { ballot: Ballot }) {
  const t = useVoteTexts();
  const moments = useMoments();
  const log = usePinnedLog();
  const [proof, setProof] = useState<Proof>("waiting");
  const { choice, at, way, evidence } = props.ballot;
  const { topic, statement, salt, leafIndex } = evidence;
  useEffect(() => {
    let isGone = false;
    if (log === undefined || salt === undefined || leafIndex === undefined) return;
    void verifyStatement({ topic, statement, salt, leafIndex }, log, proofOf).then((found) => {
      if (!isGone) setProof(found);
    });
    return () => {
      isGone = true;
    };
  }, [log, topic, statement, salt, leafIndex]);
  const save = async (index: number) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([await proofOf(index)], { type: "text/plain" }));
    link.download = `ballot-${index}.tlog-proof`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className="own-ballot">
      <p>
        <strong>
          {choice === undefined
            ? fillText(t.doneSecretly, { when: moments.moment(at) })
            : fillText(t.done, { choice: t.choice[choice], when: moments.moment(at) })}
        </strong>
        <span className="plain-quiet"> {t.way[way]}</span>
      </p>
      <p role="status">
        <StateMark tone={TONES[proof]}>
          {fillText(t.proof[proof], { index: leafIndex === undefined ? "" : String(leafIndex) })}
        </StateMark>
      </p>
      {proof === "verified" && leafIndex !== undefined ? (
        <>
          <p className="plain-quiet">{t.receiptHelp}</p>
          <div className="plain-actions">
            <button type="button" className="plain-button" onClick={() => void save(leafIndex)}>
              {t.receipt}
            </button>
          </div>
        </>
      ) : null}
    </div>
  );
}
