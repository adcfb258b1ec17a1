import { parseArgs } from "node:util";
import { announceReady, exitCodeOf, makeLogger, runService } from "@menshen/service-kit";
import { askGate, parseAdminRequest } from "./admin/admin-socket.ts";
import { loadGateConfig } from "./config.ts";
import { GateError } from "./errors.ts";
import { startGate } from "./gate.ts";

/** sysexits(3): wrong use of the command, and a configuration that must change first. */
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

function exitCode(error: unknown): number {
  if (error instanceof GateError) return error.code === "config-invalid" ? EXIT_CONFIG : 1;
  return exitCodeOf(error);
}

/** `--admin '{"request":…}'` asks the gate that runs with this configuration, prints its answer and ends. */
async function ask(configFile: string, request: string): Promise<number> {
  const answer = await askGate(loadGateConfig(configFile).stateDir, parseAdminRequest(request));
  process.stdout.write(`${answer}\n`);
  const parsed: unknown = JSON.parse(answer);
  return typeof parsed === "object" && parsed !== null && "ok" in parsed && parsed.ok === true ? 0 : 1;
}

const { values } = parseArgs({
  options: { config: { type: "string" }, admin: { type: "string" } },
});
const { config: configFile, admin } = values;

if (configFile === undefined) {
  process.stderr.write("usage: main.ts --config FILE [--admin REQUEST]\n");
  process.exitCode = EXIT_USAGE;
} else if (admin !== undefined) {
  try {
    process.exitCode = await ask(configFile, admin);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : "refused"}\n`);
    process.exitCode = exitCode(error);
  }
} else {
  const logger = makeLogger({ app: "gate" });
  await runService({
    logger,
    exitCode,
    start: async (stopOrder) => {
      const gate = await startGate(loadGateConfig(configFile), logger, stopOrder);
      const { gateId, statusPage, kiosk, sitePort } = gate;
      announceReady({
        statusPage,
        gateId,
        ...(kiosk === undefined ? {} : { kiosk }),
        ...(sitePort === undefined ? {} : { sitePort }),
      });
    },
  });
}
