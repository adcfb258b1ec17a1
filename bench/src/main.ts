import { benchCommand } from "./command.ts";
import { benchDecide } from "./decide.ts";
import { benchDeletion } from "./deletion.ts";
import { benchDetect } from "./detect.ts";
import { benchGuard } from "./guard.ts";
import { benchIngest } from "./ingest.ts";
import { benchLog } from "./log.ts";
import { benchPasses } from "./passes.ts";
import { benchPersonalise } from "./personalise.ts";
import { benchPresence } from "./presence.ts";
import { printResults, recordResults } from "./report.ts";
import { benchResident } from "./resident.ts";
import type { Result } from "./result.ts";
import { benchSeal } from "./seal.ts";
import { benchSnapshot } from "./snapshot.ts";
import { benchTap } from "./tap.ts";
import { benchTapAliro } from "./tap-aliro.ts";
import { benchTapPcsc } from "./tap-pcsc.ts";
import { benchTapXwr } from "./tap-xwr.ts";
import { benchVotes } from "./votes.ts";

const PARTS: readonly { readonly name: string; readonly run: () => Result[] | Promise<Result[]> }[] = [
  { name: "decide", run: benchDecide },
  { name: "snapshot", run: benchSnapshot },
  { name: "tap", run: benchTap },
  { name: "aliro", run: benchTapAliro },
  { name: "xwr", run: benchTapXwr },
  { name: "pcsc", run: benchTapPcsc },
  { name: "ingest", run: benchIngest },
  { name: "log", run: benchLog },
  { name: "seal", run: benchSeal },
  { name: "passes", run: benchPasses },
  { name: "personalise", run: benchPersonalise },
  { name: "presence", run: benchPresence },
  { name: "guard", run: benchGuard },
  { name: "command", run: benchCommand },
  { name: "votes", run: benchVotes },
  { name: "deletion", run: benchDeletion },
  { name: "detect", run: benchDetect },
  { name: "resident", run: benchResident },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `expected parts of ${PARTS.map(({ name }) => name).join(", ")}, came \`${unknown.join(" ")}\`\n`,
  );
  process.exit(2);
}
for (const part of PARTS) {
  if (wanted.length > 0 && !wanted.includes(part.name)) continue;
  const begin = performance.now();
  const results = await part.run();
  process.stdout.write(`${part.name}, ${Math.round((performance.now() - begin) / 1_000)} s\n`);
  printResults(results);
  recordResults(results, `npm run bench -- ${part.name}`);
}
