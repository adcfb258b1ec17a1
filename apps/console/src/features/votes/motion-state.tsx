import { StateMark } from "@menshen/ui";
import type { Motion } from "@menshen/wire";
import { useTranslation } from "react-i18next";

/** Where a motion stands: its stage, or what came of it. */
export function MotionState(props: { motion: Motion }) {
  const { t: text } = useTranslation("votes");
  const { result, stage } = props.motion;
  if (result === undefined) return <StateMark tone="quiet">{text(`stage.${stage}`)}</StateMark>;
  return (
    <StateMark tone={result.passed ? "granted" : "refused"}>
      {text(result.passed ? "passed" : "rejected")}
    </StateMark>
  );
}
