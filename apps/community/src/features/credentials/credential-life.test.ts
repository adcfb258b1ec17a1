import { CREDENTIAL_STATES } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { LIFE_STEPS, mayStep, takeStep } from "./credential-life.ts";

/** Rows: states. Columns: steps. What is not written is refused. */
const TABLE = {
  ordered: { personalise: "personalised", destroy: "destroyed" },
  personalised: { "hand-over": "active", destroy: "destroyed" },
  active: {
    "hand-over": "active",
    block: "blocked",
    lose: "lost",
    return: "returned",
    replace: "replaced",
    destroy: "destroyed",
  },
  blocked: {
    unblock: "active",
    lose: "lost",
    return: "returned",
    replace: "replaced",
    destroy: "destroyed",
  },
  lost: { find: "active", return: "returned", replace: "replaced" },
  returned: { replace: "replaced", destroy: "destroyed" },
  replaced: {},
  destroyed: {},
} as const;

describe.each(CREDENTIAL_STATES)("a credential that is %s", (state) => {
  const row: Readonly<Record<string, string>> = TABLE[state];
  test.each(LIFE_STEPS)("%s", (step) => {
    const to = row[step];
    expect(mayStep(state, step)).toBe(to !== undefined);
    if (to === undefined)
      expect(() => takeStep(state, step)).toThrow(expect.objectContaining({ code: "conflict" }));
    else expect(takeStep(state, step)).toMatchObject({ to });
  });
});

test("what is over stays over", () => {
  for (const state of ["replaced", "destroyed"] as const) {
    expect(() => takeStep(state, "unblock")).toThrow("final");
  }
});
