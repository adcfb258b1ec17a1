import "@menshen/ui/tokens.css";
import "@menshen/ui/plain.css";
import "./styles.css";
import "./passes.css";
import { keepShell, PreferencesProvider } from "@menshen/ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { isSharedScreen } from "./shared/shared-screen.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with id `root`");
createRoot(root).render(
  <StrictMode>
    <PreferencesProvider>
      <App />
    </PreferencesProvider>
  </StrictMode>,
);

// On a screen of several people nothing is left behind, not even that somebody was here.
if (!isSharedScreen()) keepShell("/resident/service-worker.js");
