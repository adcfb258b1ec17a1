import { usePreferences } from "@menshen/ui";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { fetchEnglish, useTexts } from "../i18n/texts.ts";
import { OfflineBanner } from "../offline/offline-banner.tsx";
import { SharedGuard } from "../shared/shared-guard.tsx";
import { Problem } from "./notices.tsx";
import { Seal } from "./seal.tsx";
import { TabBar } from "./tab-bar.tsx";
import type { Tab } from "./tabs.ts";

const SIZE = "menshen.text-size";

/** The frame of every page: whose community this is, the content, and how it is shown. */
export function Shell(props: {
  community: string | undefined;
  title: string;
  isHome: boolean;
  /** Absent where there is nothing to go to: before joining. */
  tabs?: { readonly current: Tab | undefined } | undefined;
  /** Somebody is signed in on a screen of several people. */
  isShared?: boolean;
  children: ReactNode;
}) {
  const t = useTexts();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} · ${t.common.brand}`;
  }, [props.title, t]);
  // Whoever does not see the page change hears where they are.
  useEffect(() => {
    if (!props.isHome) heading.current?.focus();
  }, [props.isHome]);
  return (
    <div className={props.tabs === undefined ? "plain" : "plain plain--tabbed"}>
      <button type="button" className="ms-visually-hidden skip plain-link plain-no-print" onClick={skip}>
        {t.common.skip}
      </button>
      <header className="plain-head plain-no-print">
        <Seal />
        <span className="plain-head__name">{props.community ?? t.common.brand}</span>
        {props.isHome || props.tabs !== undefined ? null : <a href="#/home">{t.common.home}</a>}
      </header>
      {props.isShared === true ? <SharedGuard /> : null}
      {props.tabs === undefined ? null : <TabBar current={props.tabs.current} isShared={props.isShared} />}
      <main id="content" tabIndex={-1}>
        <h1 ref={heading} tabIndex={-1} className="plain-no-print">
          {props.title}
        </h1>
        <OfflineBanner />
        {props.children}
      </main>
      <Foot />
    </div>
  );
}

function skip(): void {
  document.getElementById("content")?.focus();
}

function Foot() {
  const t = useTexts();
  const { language, setLanguage, isDark, setAppearance } = usePreferences();
  const [isLarge, setIsLarge] = useState(() => localStorage.getItem(SIZE) === "large");
  const [hasNoEnglish, setHasNoEnglish] = useState(false);
  useEffect(() => {
    localStorage.setItem(SIZE, isLarge ? "large" : "normal");
    document.documentElement.dataset.size = isLarge ? "large" : "normal";
  }, [isLarge]);
  const changeLanguage = () => {
    if (language === "en") return setLanguage("zh-CN");
    fetchEnglish().then(
      () => setLanguage("en"),
      () => setHasNoEnglish(true),
    );
  };
  return (
    <footer className="plain-foot plain-no-print">
      <button
        type="button"
        className="plain-link"
        lang={language === "en" ? "zh-CN" : "en"}
        onClick={changeLanguage}
      >
        {t.common.language}
      </button>
      <button type="button" className="plain-link" onClick={() => setAppearance(isDark ? "light" : "dark")}>
        {isDark ? t.common.light : t.common.dark}
      </button>
      <button type="button" className="plain-link" onClick={() => setIsLarge(!isLarge)}>
        {isLarge ? t.common.normal : t.common.larger}
      </button>
      {hasNoEnglish ? <Problem code="unreachable" /> : null}
    </footer>
  );
}
