import { fromHex } from "@menshen/crypto";
import { expect, test } from "vitest";
import { parseCardVersion } from "../card/card-version.ts";
import { assessChip } from "./chip-family.ts";

const version = (hex: string) => {
  const parsed = parseCardVersion(fromHex(hex));
  if (parsed === undefined) throw new Error("expected a version");
  return parsed;
};
const atr = (name: string) => fromHex(`3b8f8001804f0ca000000306${"03"}${name}0000000000`);

test.each([
  {
    what: "a DESFire EV3",
    traits: { sak: 0x20, version: version("04010133001805040101030018050400000000000100000000000000") },
    family: "desfire",
    enrolment: "keyed",
  },
  {
    what: "an NTAG 424",
    traits: { version: version("04040230001105040402010211050400000000000100000000000000") },
    family: "ntag424",
    enrolment: "keyed",
  },
  { what: "a Classic by SAK", traits: { sak: 0x08 }, family: "crypto1", enrolment: "until-a-date" },
  { what: "a Classic 4K by ATR", traits: { atr: atr("0002") }, family: "crypto1", enrolment: "until-a-date" },
  {
    what: "an Ultralight by ATR",
    traits: { atr: atr("0003") },
    family: "ultralight",
    enrolment: "until-a-date",
  },
  {
    what: "an Ultralight by ATQA",
    traits: { atqa: fromHex("4400"), sak: 0 },
    family: "ultralight",
    enrolment: "until-a-date",
  },
  { what: "a card that tells nothing", traits: {}, family: "unknown", enrolment: "until-a-date" },
  {
    what: "an ATR that is cut",
    traits: { atr: atr("0001").slice(0, 14) },
    family: "unknown",
    enrolment: "until-a-date",
  },
  {
    what: "an FM11RF08",
    traits: { sak: 0x08, manufacturerBlock: fromHex("deadbeef220804006263646566676869") },
    family: "crypto1-backdoored",
    enrolment: "refused",
  },
  {
    what: "an FM11RF08S",
    traits: { manufacturerBlock: fromHex("deadbeef220804000415a3b2c1d0e090") },
    family: "crypto1-backdoored",
    enrolment: "refused",
  },
  {
    what: "another maker's Classic",
    traits: { sak: 0x08, manufacturerBlock: fromHex("deadbeef22880400c08e1d5b65102408") },
    family: "crypto1",
    enrolment: "until-a-date",
  },
])("$what is $family", ({ traits, family, enrolment }) => {
  expect(assessChip(traits)).toMatchObject({ family, enrolment });
});

test("a Classic whose block 0 nobody read may be a backdoored one", () => {
  expect(assessChip({ sak: 0x08 }).perhapsBackdoored).toBe(true);
  const block = fromHex("deadbeef22880400c08e1d5b65102408");
  expect(assessChip({ sak: 0x08, manufacturerBlock: block }).perhapsBackdoored).toBe(false);
});
