import { toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { makeChallengedVote } from "./check-opening.fixture.ts";
import { checkOpening } from "./check-opening.ts";

const { recount, opening, code, sealed } = makeChallengedVote();
const { motion } = recount;
const fault = (fault: string) => ({ good: false, fault });

describe("V4 (Benaloh challenge): an opened ballot held against the published motion", () => {
  it("comes to the code that the voter's program showed", () => {
    expect(checkOpening(recount, opening)).toEqual({ good: true, code });
  });

  it("comes to another code where the program had sealed something else", () => {
    const said = checkOpening(recount, { ...opening, choice: "for" });
    expect(said).toMatchObject({ good: true });
    expect(said).not.toEqual({ good: true, code });
  });

  it("takes no key but the one that the agenda named", () => {
    const other = motion.secret?.key?.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    const shown = { ...recount, motion: { ...motion, secret: { shares: 0, key: other ?? "" } } };
    expect(checkOpening(shown, opening)).toEqual(fault("key"));
    const changed = { ...recount, motion: { ...motion, title: "别的" } };
    expect(checkOpening(changed, opening)).toEqual(fault("key"));
    expect(checkOpening({ ...recount, motion: { ...motion, secret: { shares: 0 } } }, opening)).toEqual(
      fault("key"),
    );
  });

  it("is of this motion, of its roll, and of a number in it", () => {
    const { secret: _, ...open } = motion;
    expect(checkOpening({ ...recount, motion: open }, opening)).toEqual(fault("foreign"));
    expect(checkOpening(recount, { ...opening, motionId: recount.communityId })).toEqual(fault("foreign"));
    expect(checkOpening(recount, { ...opening, number: 2 })).toEqual(fault("foreign"));
    expect(checkOpening({ ...recount, roll: [[3, 1]] }, opening)).toEqual(fault("roll"));
  });

  it("says so where the opened ballot was cast all the same", () => {
    const cast = { statement: "{}", salt: toHex(new Uint8Array(32)), leafIndex: 0, sealed };
    expect(checkOpening({ ...recount, ballots: [cast] }, opening)).toEqual(fault("cast"));
  });
});
