/** The two languages of every human text; `zh` is written in simplified Chinese. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

export type Language = "en" | "zh";

/**
 * The language a person asked for by the environment, in POSIX order of precedence (POSIX.1-2017 §8.2): the first of
 * `LC_ALL`, `LC_MESSAGES`, `LANG` that is set and not empty decides.
 */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = [env.LC_ALL, env.LC_MESSAGES, env.LANG].find((value) => value !== undefined && value !== "");
  return locale !== undefined && /^zh([_.@-]|$)/i.test(locale) ? "zh" : "en";
}
