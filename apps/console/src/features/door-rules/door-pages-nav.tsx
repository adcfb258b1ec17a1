import "./texts/index.ts";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

const PAGES = [
  { path: "/doors", key: "nav.doors" },
  { path: "/doors/rules", key: "nav.rules" },
  { path: "/doors/plans", key: "nav.plan" },
  { path: "/doors/lockdown", key: "nav.lockdown" },
  { path: "/doors/alarms", key: "nav.alarms" },
] as const;

/** The pages about doors that are set up once. */
export function DoorPagesNav() {
  const { t } = useTranslation("doorRules");
  return (
    <nav className="sub-nav" aria-label={t("nav.label")}>
      {PAGES.map(({ key, path }) => (
        <NavLink key={path} to={path} end>
          {t(key)}
        </NavLink>
      ))}
    </nav>
  );
}
