import { usePreferences } from "@menshen/ui";
import { useEffect, useRef } from "react";
import { Door } from "./door.tsx";
import { readPlace } from "./place.ts";
import { Frame } from "./screen/frame.tsx";
import { Notice } from "./screen/notice.tsx";

/** Nobody has touched the screen for so long: it speaks its own language again. */
const LANGUAGE_BACK_MS = 60_000;

/** The screen beside a door, for the place that its address names. */
export function App() {
  const { token, language } = readPlace(location.hash);
  useOwnLanguage(language);
  if (token !== undefined) return <Door token={token} />;
  return (
    <Frame>
      <Notice tone="offline" title={(t) => t.notSetUp.title} lines={[(t) => t.notSetUp.how]} />
    </Frame>
  );
}

/** The language of the place stands large, and again a minute after somebody chose the other. */
function useOwnLanguage(own: "zh-CN" | "en"): void {
  const { language, setLanguage } = usePreferences();
  const hasBegun = useRef(false);
  useEffect(() => {
    if (language === own) return;
    if (!hasBegun.current) {
      // What somebody chose before the last restart is not this place's language.
      hasBegun.current = true;
      return setLanguage(own);
    }
    const timer = setTimeout(() => setLanguage(own), LANGUAGE_BACK_MS);
    return () => clearTimeout(timer);
  }, [language, own, setLanguage]);
}
