import "./tab-bar.css";
import { useTexts } from "../i18n/texts.ts";
import { TABS, type Tab } from "./tabs.ts";

/** Drawn on a field of 24 by 24, as lines. */
const DRAWINGS: Readonly<Record<Tab, string>> = {
  home: "M5 21V4h14v17M3 21h18M9 21V8h6v13M12.9 14.5h.2",
  keys: "M8 12a4 4 0 1 0 0 .01M12 12h9M18 12v3.5M21 12v2.5",
  rights: "M12 3v18M7 21h10M4 7h16M6.5 7 4 13.5h5L6.5 7M17.5 7 15 13.5h5L17.5 7",
  community: "M3 21V10l5-4 5 4v11M13 21V6l8-3v18M2 21h20M7 14h2M7 17.5h2M17 9h1M17 13h1M17 17h1",
  help: "M12 21a9 9 0 1 1 .01 0M9.3 9.3a2.7 2.7 0 1 1 3.6 2.6c-.6.25-.9.7-.9 1.6M12 17h.01",
};

/** The parts of the app: under the thumb on a telephone, in a line below the head where there is room. */
export function TabBar(props: { current: Tab | undefined; isShared?: boolean | undefined }) {
  const t = useTexts();
  return (
    <nav className="tabs plain-no-print" aria-label={t.nav.label}>
      {TABS.map((tab) => (
        <a
          key={tab}
          className="tab"
          href={`#/${tab}`}
          aria-current={tab === props.current ? "true" : undefined}
        >
          <svg className="tab__drawing" viewBox="0 0 24 24" aria-hidden="true">
            <path d={DRAWINGS[tab]} />
          </svg>
          {/* A screen of several people opens no door. */}
          <span>{tab === "home" && props.isShared === true ? t.common.home : t.nav.tab[tab]}</span>
        </a>
      ))}
    </nav>
  );
}
