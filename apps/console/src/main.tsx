import "@menshen/ui/tokens.css";
import "./styles/shell.css";
import "./styles/base.css";
import "./styles/live.css";
import "./styles/records.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { PreferencesProvider } from "./preferences.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with id `root`");
createRoot(root).render(
  <StrictMode>
    <PreferencesProvider>
      <App />
    </PreferencesProvider>
  </StrictMode>,
);
