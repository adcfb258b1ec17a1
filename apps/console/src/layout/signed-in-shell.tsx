import { formatClock } from "@menshen/ui";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { useMay, useSignedIn } from "../api/session.tsx";
import { useLive } from "../api/use-live.tsx";
import { dropViewReason } from "../api/view-reason.ts";
import { useMomentFormat } from "../components/moments.tsx";
import { CommandPalette } from "./command-palette.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { Shell } from "./shell.tsx";

const VendorBanner = lazy(() => import("../features/roles/vendor-banner.tsx"));
const DueBanner = lazy(() => import("../features/complaints/due-banner.tsx"));
const LockdownStrip = lazy(() => import("../features/lockdown/lockdown-strip.tsx"));

/** Going from one of these pages to another is the same task with residents' data; going anywhere else ends it. */
const OF_RESIDENTS = /^\/(people|credentials|complaints|votes\/roll|messages\/recipients|incidents)(\/|$)/;

/** The frame with what belongs to a session: search, the person's menu, and an honest line when the stream is lost. */
export function SignedInShell(props: { children: ReactNode }) {
  const { t } = useTranslation();
  const session = useSignedIn();
  const { connection } = useLive();
  const format = useMomentFormat();
  const [isPaletteOpen, setIsPaletteOpen] = useState(false);

  const { pathname } = useLocation();
  const endTask = useCallback(() => {
    if (!OF_RESIDENTS.test(pathname)) dropViewReason();
  }, [pathname]);
  useEffect(endTask, [endTask]);

  const maySeeDoors = useMay("doors.read");
  const mayHandleComplaints = useMay("complaints.handle");
  const lost =
    connection.state === "lost" ? (
      <div className="banner banner--offline" role="status">
        {t("live.lost", { since: formatClock(connection.since, format) })}
      </div>
    ) : null;
  // The guard's page shows them whole.
  const isStripShown = maySeeDoors && pathname !== "/guard";

  return (
    <Shell
      community={session.community.name}
      banner={
        <>
          {lost}
          <Suspense fallback={null}>
            <VendorBanner />
          </Suspense>
          {mayHandleComplaints ? (
            <Suspense fallback={null}>
              <DueBanner />
            </Suspense>
          ) : null}
          {isStripShown ? (
            <Suspense fallback={null}>
              <LockdownStrip />
            </Suspense>
          ) : null}
        </>
      }
      tools={
        <>
          <button type="button" className="search-button" onClick={() => setIsPaletteOpen(true)}>
            <span>{t("common.search")}</span>
            <kbd>Ctrl K</kbd>
          </button>
          <PersonMenu />
          <CommandPalette isOpen={isPaletteOpen} onOpenChange={setIsPaletteOpen} onDismiss={endTask} />
        </>
      }
    >
      {props.children}
    </Shell>
  );
}
