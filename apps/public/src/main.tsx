import "@menshen/ui/tokens.css";
import "@menshen/ui/plain.css";
import "./styles.css";
import { keepShell, PreferencesProvider } from "@menshen/ui";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";

/** Where the community's server shows this page to visitors. */
const VISIT_PATH = "/public/visit";

const App = lazy(async () => ({ default: (await import("./app.tsx")).App }));
const VisitPage = lazy(async () => ({ default: (await import("./visit/visit-page.tsx")).VisitPage }));

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with id `root`");
createRoot(root).render(
  <StrictMode>
    <PreferencesProvider>
      <Suspense>{location.pathname === VISIT_PATH ? <VisitPage /> : <App />}</Suspense>
    </PreferencesProvider>
  </StrictMode>,
);

keepShell("/public/service-worker.js");
