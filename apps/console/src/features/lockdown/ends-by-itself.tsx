import { useTranslation } from "react-i18next";
import { ExactMoment, useNow } from "../../components/moments.tsx";
import { timeLeft } from "./time-left.ts";

const SECOND_MS = 1_000;

/** When something ends by itself, counted down; the exact moment beside it holds also where this clock is wrong. */
export function EndsByItself({ until }: { until: number }) {
  const { t } = useTranslation("lockdown");
  const now = useNow(SECOND_MS);
  return (
    <span>
      {t("endsIn")}{" "}
      <strong role="timer" className="lockdown-left">
        {timeLeft(until - now)}
      </strong>{" "}
      (<ExactMoment epochMs={until} />)
    </span>
  );
}
