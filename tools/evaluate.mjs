// `npm run evaluate [-- --seeds N --cards N --outside N]` and `npm run learn:detection`, under the pinned Node.
import { runPinned } from "./node24.mjs";

const isLearning = process.argv[2] === "learn";
if (isLearning) process.argv.splice(2, 1);
const entry = isLearning ? "learn-main.ts" : "evaluate-main.ts";
await runPinned(new URL(`../packages/testkit/src/evaluation/${entry}`, import.meta.url));
