import "./texts/index.ts";
import "./lockdown.css";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { LockdownMark } from "./active-lockdowns.tsx";
import { EndsByItself } from "./ends-by-itself.tsx";
import { useActiveLockdowns } from "./use-lockdowns.ts";

/** One line for each lockdown and drill, for every page: whoever works elsewhere must know, and know which of both it is. */
export default function LockdownStrip() {
  const { t } = useTranslation("lockdown");
  return useActiveLockdowns().map((lockdown) => (
    <p key={lockdown.id} className={`lockdown-strip${lockdown.drill ? " lockdown-strip--drill" : ""}`}>
      <LockdownMark drill={lockdown.drill} />
      <strong>{lockdown.name}</strong>
      <EndsByItself until={lockdown.until} />
      <Link to="/guard">{t("toGuard")}</Link>
    </p>
  ));
}
