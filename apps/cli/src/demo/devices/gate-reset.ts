import { connect } from "node:net";
import { join } from "node:path";

const PATIENCE_MS = 3_000;

/**
 * Somebody walks to the gate after a fire and resets its doors, through the socket that gates have for people who
 * stand before them. A gate that does not run, or has nothing to reset, is left alone.
 */
export function resetAfterFire(gateStateDir: string, portalIds: readonly string[]): void {
  const socket = connect(join(gateStateDir, "admin.sock"));
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  // A gate that is down needs no reset: its latch is asked about again at the next fire.
  socket.on("error", () => socket.destroy());
  let answers = 0;
  socket.on("data", (bytes) => {
    answers += bytes.toString().split("\n").length - 1;
    if (answers >= portalIds.length) socket.end();
  });
  for (const portalId of portalIds) socket.write(`${JSON.stringify({ request: "reset-fire", portalId })}\n`);
}
