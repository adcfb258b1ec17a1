import { type Duty, type Permission, type Session, sessionEndpoints } from "@menshen/wire";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { createContext, type ReactNode, useContext } from "react";
import { useTranslation } from "react-i18next";
import { call } from "./client.ts";
import { dropViewReason } from "./view-reason.ts";

export type SignedIn = Extract<Session, { signedIn: true }>;

export const SESSION_KEY = ["session"] as const;

/** The session as the server sees it; undefined while it is being read. */
export function useSession() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: ({ signal }) => call(sessionEndpoints.get, { signal }) });
}

const SignedInContext = createContext<SignedIn | undefined>(undefined);

export function SignedInProvider(props: { session: SignedIn; children: ReactNode }) {
  return <SignedInContext value={props.session}>{props.children}</SignedInContext>;
}

/** The signed-in session; throws on a page outside of it. */
export function useSignedIn(): SignedIn {
  const session = useContext(SignedInContext);
  if (session === undefined) throw new Error("no signed-in session above");
  return session;
}

/** Whether this session may do something; screens hide what it may not. */
export function useMay(permission: Permission): boolean {
  return useSignedIn().permissions.includes(permission);
}

/** Puts a session answered by a sign-in or a change of duty in place and reads everything anew. */
export function useAdoptSession() {
  const client = useQueryClient();
  return (session: Session) => {
    dropViewReason();
    client.setQueryData(SESSION_KEY, session);
    void client.resetQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
  };
}

/** Acts in another of one's duties from now on; a refusal is said. */
export function useDutyChange() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const adopt = useAdoptSession();
  return async (duty: Duty) => {
    try {
      adopt(await call(sessionEndpoints.changeDuty, { body: { duty } }));
    } catch {
      void message.error(t("state.failed"));
    }
  };
}
