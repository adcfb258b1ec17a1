import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

export type Language = "zh-CN" | "en";
export type Appearance = "system" | "light" | "dark";

interface Preferences {
  readonly language: Language;
  readonly appearance: Appearance;
  readonly isDark: boolean;
  setLanguage(language: Language): void;
  setAppearance(appearance: Appearance): void;
}

const PreferencesContext = createContext<Preferences | undefined>(undefined);

/** The language in which the first page stands: the one last chosen here, else the browser's own. */
export function firstLanguage(): Language {
  const stored = localStorage.getItem("menshen.language");
  if (stored === "zh-CN" || stored === "en") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

function storedAppearance(): Appearance {
  const stored = localStorage.getItem("menshen.appearance");
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** Language and appearance of this browser: kept here only, never on the server. */
export function PreferencesProvider(props: { children: ReactNode }) {
  const [language, setLanguage] = useState(firstLanguage);
  const [appearance, setAppearance] = useState(storedAppearance);
  const [systemIsDark, setSystemIsDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const isDark = appearance === "dark" || (appearance === "system" && systemIsDark);

  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const listener = () => setSystemIsDark(query.matches);
    query.addEventListener("change", listener);
    return () => query.removeEventListener("change", listener);
  }, []);

  useEffect(() => {
    localStorage.setItem("menshen.language", language);
    document.documentElement.lang = language;
  }, [language]);

  useEffect(() => {
    localStorage.setItem("menshen.appearance", appearance);
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
  }, [appearance, isDark]);

  const value = useMemo(
    () => ({ language, appearance, isDark, setLanguage, setAppearance }),
    [language, appearance, isDark],
  );
  return <PreferencesContext value={value}>{props.children}</PreferencesContext>;
}

/** The preferences; throws where no provider stands above. */
export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (preferences === undefined) throw new Error("no PreferencesProvider above");
  return preferences;
}
