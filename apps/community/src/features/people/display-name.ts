import { containsIdentityNumber } from "@menshen/domain";
import { refusal } from "../../errors.ts";

/** An identity card has 17 digits and a digit or X, a mobile number 11 digits from 1: neither is wanted as a name. */
const NUMBER_OF_A_PERSON = /\d{17}[\dXx]|(?<!\d)1\d{10}(?!\d)/;

/** A name or alias, trimmed; throws `invalid-request` for a number of a person. */
export function parseDisplayName(text: string): string {
  const displayName = text.trim();
  const isNumber = NUMBER_OF_A_PERSON.test(displayName) || containsIdentityNumber(displayName);
  if (displayName.length === 0 || isNumber) {
    throw refusal("invalid-request", "a name or an alias is enough: no identity number, no telephone", {
      fields: [{ path: "body/displayName", message: "expected a name or an alias" }],
    });
  }
  return displayName;
}
