// A service for tests: tells on standard output what happens to it.
//   node lifecycle.fixture.ts [fail|hang]
import { announceReady, runService } from "./lifecycle.ts";
import { makeLogger } from "./logger.ts";

const [how] = process.argv.slice(2);
const tell = (line: string) => process.stdout.write(`${line}\n`);

await runService({
  logger: makeLogger({ app: "fixture" }),
  exitCode: () => 78,
  graceMs: 300,
  async start(stopOrder) {
    const timer = setInterval(() => {}, 1_000);
    stopOrder.add("first", () => {
      clearInterval(timer);
      tell("stopped first");
    });
    stopOrder.add("broken", () => {
      throw new Error("cannot stop");
    });
    if (how === "hang") stopOrder.add("hang", () => new Promise(() => {}));
    stopOrder.add("last", () => {
      tell("stopped last");
    });
    if (how === "fail") throw new Error("a setting is missing");
    announceReady({ port: 1 });
  },
});
