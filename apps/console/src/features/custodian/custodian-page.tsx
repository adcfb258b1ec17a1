import "./texts/index.ts";
import "../openings/texts/index.ts";
import "../openings/openings.css";
import "./custodian.css";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import { Empty, Loading, NotFound } from "../../components/page-states.tsx";
import type { Desk } from "./desk.ts";
import { CommunityProvider, DeskProvider, useCommunity } from "./desk-context.tsx";
import { DeskFrame } from "./desk-frame.tsx";
import { DeskPage } from "./desk-page.tsx";
import { CeremonyProvider } from "./make-keys.tsx";
import { RequestPage } from "./request-page.tsx";
import { readRecord, type SealedRecord } from "./sealed-record.ts";
import { SetUp } from "./set-up.tsx";
import { Unlock } from "./unlock.tsx";

type Phase =
  | { readonly is: "reading" | "unsupported" | "new" }
  | { readonly is: "locked"; readonly record: SealedRecord; readonly wasIdle: boolean }
  | { readonly is: "open"; readonly desk: Desk };

/** The custodian's desk. Needs no session: whoever holds the identity key signs each request with it. */
export default function CustodianPage() {
  return (
    <CommunityProvider>
      <Door />
    </CommunityProvider>
  );
}

function Door() {
  const { t } = useTranslation("custodian");
  const { id } = useCommunity();
  const client = useQueryClient();
  const [phase, setPhase] = useState<Phase>({ is: "reading" });

  const read = useCallback(
    async (wasIdle: boolean) => {
      try {
        const record = await readRecord(id);
        setPhase(record === undefined ? { is: "new" } : { is: "locked", record, wasIdle });
      } catch {
        // Some private windows refuse to keep anything at all.
        setPhase({ is: "unsupported" });
      }
    },
    [id],
  );
  useEffect(() => void read(false), [read]);

  const open = (desk: Desk) => setPhase({ is: "open", desk });
  const lock = (desk: Desk, wasIdle: boolean) => {
    desk.lock();
    client.removeQueries({
      queryKey: ["custodian"],
      predicate: ({ queryKey }) => queryKey[1] !== "community",
    });
    void read(wasIdle);
  };

  switch (phase.is) {
    case "reading":
      return <Loading />;
    case "unsupported":
      return (
        <DeskFrame>
          <Empty title={t("unsupported")}>{t("unsupportedHelp")}</Empty>
        </DeskFrame>
      );
    case "new":
      return (
        <DeskFrame>
          <SetUp onMade={open} />
        </DeskFrame>
      );
    case "locked":
      return (
        <DeskFrame>
          <Unlock record={phase.record} wasIdle={phase.wasIdle} onOpened={open} />
        </DeskFrame>
      );
    case "open":
      return (
        <DeskProvider desk={phase.desk}>
          <CeremonyProvider>
            <DeskFrame onLock={(wasIdle) => lock(phase.desk, wasIdle)}>
              <Routes>
                <Route index element={<DeskPage />} />
                <Route path="requests/:id" element={<RequestPage />} />
                <Route path="*" element={<NotFound />} />
              </Routes>
            </DeskFrame>
          </CeremonyProvider>
        </DeskProvider>
      );
  }
}
