import type { KioskState } from "@menshen/wire";
import { useEffect, useRef, useState } from "react";
import { connectGate, type GateConnection, type Link, type ScanAnswer } from "./connection.ts";

/** The gate as this screen knows it. */
export interface GateView {
  readonly link: Link;
  /** When the connection was lost; Unix milliseconds of this screen's clock. */
  readonly lostAt: number | undefined;
  /** The last that was heard; counts only while the link is `connected`. */
  readonly state: KioskState | undefined;
  readonly scan: (text: string) => Promise<ScanAnswer | undefined>;
  readonly call: GateConnection["call"];
}

/** Follows the gate while the page is open. */
export function useGate(token: string): GateView {
  const [link, setLink] = useState<{ readonly link: Link; readonly lostAt?: number }>({
    link: "connecting",
  });
  const [state, setState] = useState<KioskState>();
  const connection = useRef<GateConnection>(undefined);
  useEffect(() => {
    const opened = connectGate({
      token,
      onState: setState,
      onLink: (next) =>
        setLink((now) =>
          next === "lost" ? { link: next, lostAt: now.lostAt ?? Date.now() } : { link: next },
        ),
    });
    connection.current = opened;
    return () => opened.close();
  }, [token]);
  return {
    link: link.link,
    lostAt: link.lostAt,
    state,
    scan: async (text) => connection.current?.scan(text),
    call: async () => (await connection.current?.call()) ?? "unheard",
  };
}
