import { Drawer } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useLocation } from "react-router";

const PAGES = [
  { path: "/", key: "nav.live" },
  { path: "/people", key: "nav.people" },
  { path: "/credentials", key: "nav.credentials" },
  { path: "/doors", key: "nav.doors" },
  { path: "/schedules", key: "nav.schedules" },
  { path: "/rules", key: "nav.rules" },
  { path: "/events", key: "nav.events" },
  { path: "/openings", key: "nav.openings" },
  { path: "/changes", key: "nav.changes" },
  { path: "/settings", key: "nav.settings" },
] as const;

function Navigation(props: { className: string }) {
  const { t } = useTranslation();
  return (
    <nav className={props.className} aria-label={t("nav.label")}>
      {PAGES.map((page) => (
        <NavLink key={page.path} to={page.path} end={page.path === "/"}>
          {t(page.key)}
        </NavLink>
      ))}
    </nav>
  );
}

/**
 * The frame of every signed-in page: brand and community, navigation, the person's menu, the page.
 *
 * @param props.community name of the community
 * @param props.tools what stands at the right of the top bar (search, the person's menu)
 * @param props.banner an honest line across the page while something is wrong (connection lost), or nothing
 */
export function Shell(props: {
  community: string;
  tools: ReactNode;
  banner?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const { pathname } = useLocation();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes because the path changed
  useEffect(() => setIsMenuOpen(false), [pathname]);

  return (
    <div className="shell">
      <a className="shell__skip" href="#page">
        {t("nav.skip")}
      </a>
      <header className="shell__bar">
        <button
          type="button"
          className="shell__menu"
          onClick={() => setIsMenuOpen(true)}
          aria-label={t("nav.menu")}
        >
          <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
            <path d="M2 5h16M2 10h16M2 15h16" stroke="currentColor" strokeWidth="2" />
          </svg>
        </button>
        <NavLink to="/" className="shell__brand">
          <img src="/seal.svg" alt="" width="24" height="24" />
          <span>{t("common.brand")}</span>
        </NavLink>
        <span className="shell__community">{props.community}</span>
        <Navigation className="shell__nav" />
        <div className="shell__tools">{props.tools}</div>
      </header>
      {props.banner}
      <Drawer
        open={isMenuOpen}
        onClose={() => setIsMenuOpen(false)}
        placement="left"
        size={260}
        title={props.community}
      >
        <Navigation className="shell__drawer-nav" />
      </Drawer>
      <main id="page" className="shell__page" tabIndex={-1}>
        {props.children}
      </main>
    </div>
  );
}
