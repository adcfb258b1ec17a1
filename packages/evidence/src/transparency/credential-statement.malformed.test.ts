import { canonicalJson } from "@menshen/domain";
import { describe, expect, it } from "vitest";
import { parseCredentialStatement } from "./credential-statement.ts";
import { DOORS, ISSUER, ofHome, ofStaff, registration, textOf } from "./transparency.fixture.ts";

it.each([registration, ofHome, ofStaff, { ...registration, accessPointIds: [] }])(
  "$topic is read",
  (statement) => {
    expect(parseCredentialStatement(textOf(statement))).toEqual(statement);
  },
);

describe("refused:", () => {
  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["text", '"credential-of-staff"'],
    ["blanks", ` ${textOf(ofHome)}`],
    ["another topic", canonicalJson({ ...ofHome, topic: "credential-ended" })],
    ["no topic", canonicalJson({ at: 1 })],
    ["a time before 1970", canonicalJson({ ...ofHome, at: -1 })],
    ["a field more", canonicalJson({ ...ofHome, note: "" })],
    ["number 4096", canonicalJson({ ...ofHome, number: 4096 })],
    ["a number that is text", canonicalJson({ ...ofHome, number: "3" })],
    ["a short key", canonicalJson({ ...ofHome, credentialKey: "b" })],
    ["a key in capitals", canonicalJson({ ...ofHome, credentialKey: "B".repeat(32) })],
    ["a kind that nobody knows", canonicalJson({ ...ofHome, kind: "magnet" })],
    ["a tag too long", canonicalJson({ ...ofHome, dwellingTag: "a".repeat(33) })],
    ["one approver", canonicalJson({ ...ofStaff, approvedBy: [ISSUER] })],
    ["one approver twice", canonicalJson({ ...ofStaff, approvedBy: [ISSUER, ISSUER] })],
    ["an approver without an account", canonicalJson({ ...ofStaff, approvedBy: [ISSUER, "me"] })],
    ["doors twice", canonicalJson({ ...registration, accessPointIds: [...DOORS, DOORS[1] ?? ""] })],
    ["doors out of order", canonicalJson({ ...registration, accessPointIds: DOORS.toReversed() })],
    ["a door by its name", canonicalJson({ ...registration, accessPointIds: ["gate"] })],
    ["a short commitment", canonicalJson({ ...registration, keyCommitment: "00" })],
  ])("%s", (_what, text) => {
    expect(parseCredentialStatement(text)).toBeUndefined();
  });
});
