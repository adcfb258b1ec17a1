import { Drawer, Dropdown } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useLocation, useNavigate } from "react-router";
import { DAILY, SELDOM } from "./console-pages.ts";

function PageLinks(props: { pages: readonly ((typeof DAILY)[number] | (typeof SELDOM)[number])[] }) {
  const { t } = useTranslation();
  return props.pages.map((page) => (
    <NavLink key={page.path} to={page.path} end={page.path === "/"}>
      {t(page.key)}
    </NavLink>
  ));
}

/** The pages that have no room in the bar. Where one of them is open, its name stands there. */
function MorePages() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const current = SELDOM.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`));
  const items = SELDOM.map(({ path, key }) => ({
    key: path,
    label: t(key),
    onClick: () => void navigate(path),
  }));
  return (
    <Dropdown
      menu={{ items, selectedKeys: current === undefined ? [] : [current.path] }}
      trigger={["click"]}
      autoFocus
    >
      <button type="button" className={current === undefined ? "shell__more" : "shell__more active"}>
        {current === undefined ? t("nav.more") : t(current.key)}
        <span aria-hidden="true"> ▾</span>
      </button>
    </Dropdown>
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
        <nav className="shell__nav" aria-label={t("nav.label")}>
          <PageLinks pages={DAILY} />
          <MorePages />
        </nav>
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
        <nav className="shell__drawer-nav" aria-label={t("nav.label")}>
          <PageLinks pages={[...DAILY, ...SELDOM]} />
        </nav>
      </Drawer>
      <main id="page" className="shell__page" tabIndex={-1}>
        {props.children}
      </main>
    </div>
  );
}
