import { formatClock, formatDay, type MomentFormat, usePreferences } from "@menshen/ui";
import type { ComplaintMoments } from "@menshen/ui/complaints";
import { type CommunityFacts, type Session, sessionEndpoints } from "@menshen/wire";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

/** Whose page it is; undefined until its server said so. */
export const CommunityContext = createContext<CommunityFacts | undefined>(undefined);

/** Around whatever writes times as the community does. */
export function OfCommunity(props: { children: ReactNode }) {
  return <CommunityContext value={useCommunityFacts()}>{props.children}</CommunityContext>;
}

/** Asks without cookies, so that nobody's sign-in goes along. */
export function useCommunityFacts(): CommunityFacts | undefined {
  const [community, setCommunity] = useState<CommunityFacts>();
  useEffect(() => {
    let isGone = false;
    const read = async () => {
      const response = await fetch(sessionEndpoints.get.path, { credentials: "omit" });
      const session: Session = await response.json();
      if (!isGone && response.ok) setCommunity(session.community);
    };
    read().catch(() => {
      // Times are then written in the reader's own zone.
    });
    return () => {
      isGone = true;
    };
  }, []);
  return community;
}

/** Times as the community writes them: a deadline is a day there. */
export function useCommunityMoments(): ComplaintMoments {
  const { language } = usePreferences();
  const community = useContext(CommunityContext);
  return useMemo(() => {
    const timeZone = community?.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
    const format: MomentFormat = { locale: language === "en" ? "en-GB" : language, timeZone };
    return {
      day: (at) => formatDay(at, format),
      moment: (at) => `${formatDay(at, format)} ${formatClock(at, format).slice(0, 5)}`,
    };
  }, [community, language]);
}
