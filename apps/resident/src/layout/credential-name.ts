import { fillText } from "@menshen/ui";
import type { Texts } from "../i18n/texts.ts";

/**
 * What a credential is called: its kind, and the last digits of a card or the name that its holder gave a telephone.
 *
 * @param kind of a later version stays as it is written
 */
export function credentialName(t: Texts, kind: string, label: string): string {
  const kinds: Readonly<Record<string, string>> = t.kind;
  const known = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  const words = known ?? kind;
  if (label === "") return words;
  return fillText(kind === "phone-pass" ? t.trail.ownPhone : t.trail.ownCard, { kind: words, label });
}
