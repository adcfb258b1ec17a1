import "@menshen/ui/tokens.css";
import "@menshen/ui/plain.css";
import "./styles.css";
import "./passes.css";
import { firstLanguage, keepShell, PreferencesProvider } from "@menshen/ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { fetchEnglish } from "./i18n/texts.ts";
import { isSharedScreen } from "./shared/shared-screen.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with id `root`");
const place = root;

async function start(): Promise<void> {
  // Without a network, or without that file, Chinese stands there: better than nothing.
  if (firstLanguage() === "en") await fetchEnglish().catch(() => undefined);
  place.replaceChildren();
  createRoot(place).render(
    <StrictMode>
      <PreferencesProvider>
        <App />
      </PreferencesProvider>
    </StrictMode>,
  );
}

void start();

// On a screen of several people nothing is left behind, not even that somebody was here.
if (!isSharedScreen()) keepShell("/resident/service-worker.js");
