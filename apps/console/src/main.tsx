import "@menshen/ui/tokens.css";
import "./console.css";
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
