import { printCddl } from "../cddl.ts";
import * as passes from "./passes.ts";

/** The CDDL block of docs/protocol/passes.md. */
export function passesCddl(): string {
  return printCddl([
    ["phone-pass", passes.phonePassSchema],
    ["door-challenge", passes.doorChallengeSchema],
    ["door-answer", passes.doorAnswerSchema],
    ["visitor-pass", passes.visitorPassSchema],
    ["visit-token", passes.visitTokenSchema],
  ]);
}
