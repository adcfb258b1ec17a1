/** What a text holds that points to a person. */
export type PersonalDataKind = "id-number" | "phone" | "email" | "known-name";

/** Weights and check characters of GB 11643-1999. */
const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS = "10X98765432";

/**
 * Finds what must not stand in a published text: identity card numbers (18 characters whose check character is right, or 17
 * digits and anything that is written like one), telephone numbers, e-mail addresses, and names that the caller knows.
 * Spaces, hyphens and full-width characters hide nothing. A name that nobody told of cannot be found.
 *
 * @param knownNames of people; those with fewer than two characters are not looked for, as they stand in other words
 * @returns each kind once, in the order of the type; empty if nothing was found
 */
export function personalDataIn(
  text: string,
  knownNames: readonly string[] = [],
): readonly PersonalDataKind[] {
  const plain = text.normalize("NFKC");
  const joined = plain.replaceAll(/(?<=[0-9])[\s\-‐-―.·()]+(?=[0-9Xx])/g, "");
  const found: PersonalDataKind[] = [];
  if (hasIdNumber(joined)) found.push("id-number");
  if (hasPhone(joined, plain)) found.push("phone");
  if (/[\w.+-]+@[\w-]+\.[\w.-]+/u.test(plain)) found.push("email");
  const squeezed = plain.replaceAll(/\s/g, "").toLowerCase();
  const isNamed = knownNames.some((name) => {
    const sought = name.normalize("NFKC").replaceAll(/\s/g, "").toLowerCase();
    return [...sought].length >= 2 && squeezed.includes(sought);
  });
  if (isNamed) found.push("known-name");
  return found;
}

function hasIdNumber(joined: string): boolean {
  return (joined.match(/[0-9]{17}[0-9Xx]/g) ?? []).some((candidate) => {
    const sum = ID_WEIGHTS.reduce((total, weight, index) => total + weight * Number(candidate[index]), 0);
    const isDated = /^[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])/.test(candidate);
    return isDated || ID_CHECKS[sum % 11] === candidate[17]?.toUpperCase();
  });
}

/** Mobile numbers of the mainland, with or without 86, and numbers with an area code that are written as such. */
function hasPhone(joined: string, plain: string): boolean {
  const mobile = /(?<![0-9])(?:\+?86)?1[3-9][0-9]{9}(?![0-9])/;
  // Also where a number stands right before it, so that joining makes one long number of both.
  if (mobile.test(joined) || mobile.test(plain)) return true;
  return /(?<![0-9])0[1-9][0-9]{1,2}[-\s][0-9]{7,8}(?![0-9])/.test(plain);
}
