import type { ComplaintChecked, KeptComplaint } from "@menshen/evidence";
import { ReceiptOutcome } from "@menshen/ui/complaints";
import { useEffect, useState } from "react";
import { useCommunityMoments } from "../community/use-community.tsx";
import { checkHere } from "./ask-server.ts";
import { usePageTexts } from "./texts.ts";

/** One that is not in the log yet is looked for again so often. */
const LOOK_EVERY_MS = 10_000;

/**
 * A receipt, checked in this browser.
 *
 * @param props.onChecked told what each check found
 */
export function OwnCheck(props: { kept: KeptComplaint; onChecked?: (check: ComplaintChecked) => void }) {
  const p = usePageTexts();
  const moments = useCommunityMoments();
  const [check, setCheck] = useState<ComplaintChecked | "unreachable">();
  const [turn, setTurn] = useState(0);
  const [kept] = useState(props.kept);
  const { onChecked } = props;
  const waits = typeof check === "object" && check.genuine && check.log.verdict === "waiting";
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` looks again
  useEffect(() => {
    let isGone = false;
    checkHere(kept).then(
      (found) => {
        if (isGone) return;
        setCheck(found);
        onChecked?.(found);
      },
      () => {
        if (!isGone) setCheck("unreachable");
      },
    );
    return () => {
      isGone = true;
    };
  }, [kept, onChecked, turn]);
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => setTurn((before) => before + 1), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [waits]);
  if (check === "unreachable") return <p role="status">{p.unreachable}</p>;
  return <ReceiptOutcome check={check} moments={moments} />;
}
