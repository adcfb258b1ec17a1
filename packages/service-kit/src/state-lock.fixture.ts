// Takes a state lock and keeps it until it is killed.
//   node state-lock.fixture.ts STATE_DIRECTORY
import { acquireStateLock } from "./state-lock.ts";

const [directory = ""] = process.argv.slice(2);
acquireStateLock(directory);
process.stdout.write("locked\n");
setInterval(() => {}, 1_000);
