import i18next, { type ResourceKey } from "i18next";
import type { Language } from "../preferences.tsx";

/** Texts of a page that is loaded on its own, under a namespace of theirs, so that other pages do not carry them. */
export function addTexts(namespace: string, texts: Readonly<Record<Language, ResourceKey>>): void {
  for (const [language, bundle] of Object.entries(texts)) {
    i18next.addResourceBundle(language, namespace, bundle);
  }
}
