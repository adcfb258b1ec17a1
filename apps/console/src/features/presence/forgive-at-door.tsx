import "./texts/index.ts";
import "../guard/texts/index.ts";
import "../guard/guard.css";
import { type ChangeReason, commandEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useReadAgainOn } from "../../api/use-live.tsx";
import { CommandOutcome } from "../guard/command-outcome.tsx";
import { QuickReason } from "../guard/quick-reason.tsx";

/** Lets somebody in again whom a gate just refused; which person that was the gate knows, and nobody here. */
export default function ForgiveAtDoor(props: { gateId: string; sequence: number }) {
  const { t } = useTranslation("presence");
  const { gateId, sequence } = props;
  const [isAsking, setIsAsking] = useState(false);
  const [commandId, setCommandId] = useState<string>();
  const forgive = useChange(
    (reason: ChangeReason) => call(commandEndpoints.forgiveAtDoor, { body: { gateId, sequence }, reason }),
    {
      isUnderWay: true,
      onDone: ({ id }) => {
        setCommandId(id);
        setIsAsking(false);
      },
    },
  );
  if (commandId !== undefined) return <Outcome commandId={commandId} />;
  if (!isAsking) return <Button onClick={() => setIsAsking(true)}>{t("forgive.atDoor")}</Button>;
  return (
    <QuickReason
      question={t("forgive.why")}
      confirm={t("forgive.atDoor")}
      isPending={forgive.isPending}
      onConfirm={forgive.mutate}
      onCancel={() => setIsAsking(false)}
    />
  );
}

function Outcome({ commandId }: { commandId: string }) {
  useReadAgainOn("command", commandEndpoints.get.id);
  const read = useQuery({
    queryKey: [commandEndpoints.get.id, commandId],
    queryFn: ({ signal }) => call(commandEndpoints.get, { params: { id: commandId }, signal }),
  });
  return read.data === undefined ? null : (
    <span aria-live="polite">
      <CommandOutcome command={read.data} />
    </span>
  );
}
