/** GB 11643-1999: weights of the first 17 digits, and the check character of each remainder. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = "10X98765432";
const LENGTH = 18;

/**
 * Whether a text contains the number of a Chinese resident identity card (GB 11643-1999): 18 characters with a real date
 * of birth and a right check character, also with blanks, hyphens or full-width digits in between.
 */
export function containsIdentityNumber(text: string): boolean {
  const bare = text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s.\-·]/gu, "");
  for (let start = 0; start + LENGTH <= bare.length; start++) {
    if (isIdentityNumber(bare.slice(start, start + LENGTH))) return true;
  }
  return false;
}

function isIdentityNumber(text: string): boolean {
  const [, year, month, day] = /^[1-9]\d{5}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = `${year}-${month}-${day}`;
  const at = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== date) return false;
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(text[place]), 0);
  return CHECKS[sum % 11] === text[LENGTH - 1];
}
