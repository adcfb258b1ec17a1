import { describe, expect, it } from "vitest";
import { checklistOf } from "./checklist.ts";

describe("what the program checked stands one by one", () => {
  it("all held", () => {
    expect(new Set(Object.values(checklistOf(undefined)))).toEqual(new Set(["held"]));
  });

  it("nothing counts as held that was not looked at before the refusal", () => {
    expect(checklistOf("not-in-log")).toEqual({
      clock: "held",
      scope: "held",
      logged: "failed",
      witnesses: "open",
      oneLog: "open",
      time: "open",
      called: "open",
      share: "open",
    });
  });

  it("a clock behind the witnesses is found out when they have been checked", () => {
    expect(checklistOf("clock-behind")).toMatchObject({
      clock: "failed",
      scope: "held",
      logged: "held",
      witnesses: "held",
      oneLog: "open",
    });
  });
});
