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

/** `text` and blanks up to `columns` on a terminal, where a Chinese character takes two. */
export function padded(text: string, columns: number): string {
  const width = [...text].reduce((sum, character) => sum + (/[\u2e80-\uffef]/.test(character) ? 2 : 1), 0);
  return text + " ".repeat(Math.max(0, columns - width));
}
