import "./texts/index.ts";
import "./guard.css";
import {
  type ChangeReason,
  type CommandItem,
  commandEndpoints,
  type DoorState,
  type PortalCommandKind,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { useReadAgainOn } from "../../api/use-live.tsx";
import { RelativeMoment } from "../../components/moments.tsx";
import { CommandOutcome } from "./command-outcome.tsx";
import { QuickReason } from "./quick-reason.tsx";

const SHOWN = 3;

/** What stands to be done at a door just now, opening it first. */
function offered(door: DoorState): readonly PortalCommandKind[] {
  if (door.alarm === "fire") return ["unlock", "fire-reset", "silence"];
  if (door.alarm !== undefined) return ["unlock", "silence", "relay-test"];
  return ["unlock", "relay-test"];
}

/** Opens a door from here with a reason, and says what the gate saw of it. */
export default function DoorCommands(props: { door: DoorState; asksToOpen: boolean }) {
  const { t } = useTranslation("guard");
  const may = useMay("doors.command");
  const { portalId } = props.door;
  const [asked, setAsked] = useState<PortalCommandKind | undefined>(props.asksToOpen ? "unlock" : undefined);
  useReadAgainOn("command", commandEndpoints.list.id);
  const commands = useQuery({
    queryKey: [commandEndpoints.list.id, portalId],
    queryFn: ({ signal }) => call(commandEndpoints.list, { query: { portalId, limit: SHOWN }, signal }),
  });
  const give = useChange(
    ({ kind, reason }: { kind: PortalCommandKind; reason: ChangeReason }) =>
      call(commandEndpoints.give, { body: { kind, portalId }, reason }),
    { onDone: () => setAsked(undefined), isUnderWay: true },
  );
  return (
    <div className="commands">
      {!may ? null : asked === undefined ? (
        <span className="actions">
          {offered(props.door).map((kind) => (
            <Button
              key={kind}
              size="large"
              type={kind === "unlock" ? "primary" : "default"}
              onClick={() => setAsked(kind)}
            >
              {t(`command.kind.${kind}`)}
            </Button>
          ))}
        </span>
      ) : (
        <QuickReason
          question={t(`command.why.${asked}`)}
          confirm={t(`command.kind.${asked}`)}
          isPending={give.isPending}
          onConfirm={(reason) => give.mutate({ kind: asked, reason })}
          onCancel={() => setAsked(undefined)}
        />
      )}
      <ul className="commands__list" aria-live="polite">
        {commands.data?.items.map((command) => (
          <CommandLine key={command.id} command={command} />
        ))}
      </ul>
    </div>
  );
}

function CommandLine({ command }: { command: CommandItem }) {
  const { t } = useTranslation("guard");
  return (
    <li>
      <span className="commands__head">
        <strong>{t(`command.kind.${command.kind}`)}</strong>
        <span className="quiet">{command.requestedBy}</span>
        <RelativeMoment epochMs={command.requestedAt} />
      </span>
      <CommandOutcome command={command} />
    </li>
  );
}
