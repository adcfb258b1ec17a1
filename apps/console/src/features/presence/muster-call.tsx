import "./texts/index.ts";
import "./presence.css";
import { StateMark } from "@menshen/ui";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAreaCounts } from "./use-presence.ts";

/** While a fire input is on: the way to the list of who is inside. */
export function MusterCall() {
  const { t } = useTranslation("presence");
  const isOn = useAreaCounts().data?.muster ?? false;
  if (!isOn) return null;
  return (
    <p className="muster-call">
      <StateMark tone="alarm">{t("muster.call")}</StateMark>
      <Link to="/guard/muster">{t("muster.open")}</Link>
    </p>
  );
}
