import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, startProcess } from "@menshen/testkit/system";

/** `menshen witness` as a process of the run, with a key and memory of its own below `folder`. */
export async function startWitness(
  runId: string,
  folder: string,
  logKey: string,
): Promise<{ readonly url: string; readonly key: string }> {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "witness.json");
  writeFileSync(
    config,
    JSON.stringify({
      stateDir: join(folder, "state"),
      listen: { host: "127.0.0.1", port: 0 },
      name: "witness.example/committee",
      logs: [logKey],
    }),
  );
  const witness = startProcess(join(ROOT, "apps/cli/bin/menshen.js"), ["witness", "--config", config], {
    runId,
  });
  const [line] = await witness.waitForOutput(/^\{.*"verifierKey".*\}$/m, 60_000);
  const facts = JSON.parse(line) as { url: string; verifierKey: string };
  return { url: facts.url, key: facts.verifierKey };
}
