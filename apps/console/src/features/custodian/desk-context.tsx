import type { StoreContents } from "@menshen/custody";
import type { MomentFormat } from "@menshen/ui";
import { type CommunityFacts, sessionEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from "react";
import { call } from "../../api/client.ts";
import { Loading, Unreachable } from "../../components/page-states.tsx";
import { usePreferences } from "../../preferences.tsx";
import type { Desk } from "./desk.ts";

const CommunityContext = createContext<CommunityFacts | undefined>(undefined);
const DeskContext = createContext<Desk | undefined>(undefined);

/** Which community this is; anybody may know. */
export function CommunityProvider(props: { children: ReactNode }) {
  const session = useQuery({
    queryKey: ["custodian", "community"],
    queryFn: ({ signal }) => call(sessionEndpoints.get, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (session.isPending) return <Loading />;
  if (session.isError) return <Unreachable onRetry={() => void session.refetch()} />;
  return <CommunityContext value={session.data.community}>{props.children}</CommunityContext>;
}

export function useCommunity(): CommunityFacts {
  const community = useContext(CommunityContext);
  if (community === undefined) throw new Error("no CommunityProvider above");
  return community;
}

/** Times as the community writes them, without a session. */
export function useDeskMoments(): MomentFormat {
  const { timeZone } = useCommunity();
  const { language } = usePreferences();
  return useMemo(() => ({ locale: language === "en" ? "en-GB" : language, timeZone }), [language, timeZone]);
}

export function DeskProvider(props: { desk: Desk; children: ReactNode }) {
  return <DeskContext value={props.desk}>{props.children}</DeskContext>;
}

/** The unlocked desk; throws on a page outside of it. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === undefined) throw new Error("no unlocked desk above");
  return desk;
}

/** What the store holds, renewed with each change. */
export function useContents(): StoreContents {
  const desk = useDesk();
  return useSyncExternalStore(desk.subscribe, desk.contents);
}
