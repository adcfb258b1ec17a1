export { type Appearance, type Language, PreferencesProvider, usePreferences } from "@menshen/ui";
