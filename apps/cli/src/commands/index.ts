import type { Command } from "../command-line/command.ts";
import { cityCommand } from "./city.ts";
import { communityCommand, gateCommand } from "./server.ts";

/** The command table, in the order of the help. */
export const COMMANDS: readonly Command[] = [communityCommand, gateCommand, cityCommand];
