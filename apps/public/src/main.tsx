import "@menshen/ui/tokens.css";
import "@menshen/ui/plain.css";
import "./styles.css";
import { keepShell, PreferencesProvider } from "@menshen/ui";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";

const App = lazy(async () => ({ default: (await import("./app.tsx")).App }));
/** Where the community's server shows what; everything else is the log. */
const PAGES = new Map([
  ["/public/visit", lazy(async () => ({ default: (await import("./visit/visit-page.tsx")).VisitPage }))],
  [
    "/public/conformity",
    lazy(async () => ({ default: (await import("./conformity/conformity-page.tsx")).ConformityPage })),
  ],
  [
    "/public/complaints",
    lazy(async () => ({ default: (await import("./complaints/complaints-page.tsx")).ComplaintsPage })),
  ],
  [
    "/public/evidence",
    lazy(async () => ({ default: (await import("./evidence/evidence-page.tsx")).EvidencePage })),
  ],
  [
    "/public/incidents",
    lazy(async () => ({ default: (await import("./incidents/incidents-page.tsx")).IncidentsPage })),
  ],
]);
const Page = PAGES.get(location.pathname) ?? App;

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with id `root`");
createRoot(root).render(
  <StrictMode>
    <PreferencesProvider>
      <Suspense>
        <Page />
      </Suspense>
    </PreferencesProvider>
  </StrictMode>,
);

keepShell("/public/service-worker.js");
