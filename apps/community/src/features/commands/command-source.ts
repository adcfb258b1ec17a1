import { Instant } from "@menshen/domain";
import { uuidBytes, uuidText } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { CommandSource } from "../../gate-link/index.ts";
import { markSent, selectDue, writeResult } from "./commands.store.ts";

/**
 * The outbox of commands: what was committed goes to its gate when that is connected, and again after each connect until
 * it was answered or is over.
 */
export function makeCommandSource(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  /** It stands otherwise than before; called after the commit. */
  readonly changed: (commandId: string) => void;
}): CommandSource {
  const { db, clock, changed } = dependencies;
  return {
    async due(gateId) {
      return (await selectDue(db, gateId, clock.now())).map((command) => {
        const subject = command.portalId ?? command.areaId ?? command.readerId;
        return {
          commandId: uuidBytes(command.id),
          issuedAt: Instant(command.requestedAt),
          expiresAt: Instant(command.expiresAt),
          kind: command.kind,
          ...(subject === null ? {} : { subject: uuidBytes(subject) }),
          ...(command.holder === null ? {} : { holder: command.holder }),
          ...(command.sequence === null ? {} : { sequence: command.sequence }),
          ...(command.count === null ? {} : { count: command.count }),
          ...(command.wire === null ? {} : { wire: command.wire }),
          ...(command.forMs === null ? {} : { forMs: command.forMs }),
        };
      });
    },
    async sent(_gateId, commandId) {
      const id = uuidText(commandId);
      if (await markSent(db, id)) changed(id);
    },
    async answered(result) {
      if (await writeResult(db, result, clock.now())) changed(uuidText(result.commandId));
    },
  };
}
