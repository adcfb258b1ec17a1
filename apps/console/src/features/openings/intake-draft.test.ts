import { describe, expect, it } from "vitest";
import { EMPTY_FORM, type IntakeForm, intakeOf } from "./intake-draft.ts";

const DOOR = "00000000-0000-4000-8000-000000000001";
const PAPER = "ab".repeat(32);
const filled: IntakeForm = {
  ...EMPTY_FORM,
  authority: " 某市公安局某分局 ",
  documentNumber: "调证〔2026〕114号",
  documentSha256: PAPER,
  accessPointIds: [DOOR],
  from: "2026-11-22T01:00",
  until: "2026-11-22T03:00",
  purpose: "crime-investigation",
  deadline: "2026-11-25T12:00",
  sealUntil: "2027-01-01T00:00",
  entryCap: 50,
};

describe("a request is asked for as the form says it", () => {
  it("in the community's time zone, whatever the browser's is", () => {
    expect(intakeOf(filled, "Asia/Shanghai")).toEqual({
      path: "ordinary",
      authority: "某市公安局某分局",
      documentNumber: "调证〔2026〕114号",
      documentSha256: PAPER,
      accessPointIds: [DOOR],
      from: 1_795_280_400_000,
      until: 1_795_287_600_000,
      purpose: "crime-investigation",
      deadline: 1_795_579_200_000,
      sealUntil: 1_798_732_800_000,
      entryCap: 50,
    });
  });

  it("what is left open is left out, and nothing is filled in", () => {
    expect(intakeOf({ ...EMPTY_FORM, entryCap: null }, "Asia/Shanghai")).toEqual({ path: "ordinary" });
  });

  it("an extension counts on the ordinary path only", () => {
    const wide = { ...filled, isExtended: true, extensionReason: "连环案件", extensionSha256: PAPER };
    expect(intakeOf(wide, "Asia/Shanghai")).toMatchObject({
      extension: { reason: "连环案件", documentSha256: PAPER },
    });
    expect(intakeOf({ ...wide, path: "emergency" }, "Asia/Shanghai")).not.toHaveProperty("extension");
  });

  it("a hold without an end, or not chosen, does not turn into a request to open", () => {
    const hold = { ...filled, aim: "hold" } as const;
    expect(intakeOf(hold, "Asia/Shanghai")).toHaveProperty("holdUntil", null);
    expect(intakeOf({ ...hold, holdUntil: "2027-02-01T00:00" }, "Asia/Shanghai")).toHaveProperty(
      "holdUntil",
      1_801_411_200_000,
    );
    expect(intakeOf({ ...filled, aim: "fromHold" }, "Asia/Shanghai")).toHaveProperty("heldBy", "-");
    expect(intakeOf({ ...filled, aim: "fromHold", heldBy: DOOR }, "Asia/Shanghai")).toHaveProperty(
      "heldBy",
      DOOR,
    );
  });

  it("custodians on call count in an emergency only, in order", () => {
    const called = { ...filled, onCall: [3, 1] };
    expect(intakeOf({ ...called, path: "emergency" }, "Asia/Shanghai")).toMatchObject({ onCall: [1, 3] });
    expect(intakeOf(called, "Asia/Shanghai")).not.toHaveProperty("onCall");
  });
});
