import type { Command } from "../command-line/command.ts";
import { cardEmulateCommand } from "./card-emulate.ts";
import { cardReadCommand } from "./card-read.ts";
import { cityCommand } from "./city.ts";
import { demoCommand } from "./demo.ts";
import { doctorCommand } from "./doctor.ts";
import { readerEmulateCommand } from "./reader-emulate.ts";
import { readerMonitorCommand } from "./reader-monitor.ts";
import { readerProbeCommand } from "./reader-probe.ts";
import { communityCommand, gateCommand } from "./server.ts";

/** The command table, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  demoCommand,
  readerProbeCommand,
  readerMonitorCommand,
  readerEmulateCommand,
  cardReadCommand,
  cardEmulateCommand,
  communityCommand,
  gateCommand,
  cityCommand,
  doctorCommand,
];
