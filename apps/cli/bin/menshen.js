#!/usr/bin/env node
// Plain JavaScript: it must start under any Node from 20.19 on, which then hands over to the pinned one.
import { runPinned } from "../../../tools/node24.mjs";

await runPinned(new URL("../src/main.ts", import.meta.url));
