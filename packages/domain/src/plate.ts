import { DomainError } from "./errors.ts";
import type { Branded } from "./ids.ts";

/**
 * A number plate as it is compared: upper case, no spaces, dots or hyphens. In China province character, letter and five
 * or six characters (six: new energy), or the forms of police, trailers, Hong Kong, Macao and embassies; elsewhere 2 to 12
 * letters and digits of any script.
 */
export type Plate = Branded<string, "Plate">;

/** Longest text looked at. */
const MAX_RAW_CHARACTERS = 32;
const SEPARATORS = /[\s\-‐-―_.·•・]/gu;
const PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";
/** What begins as a Chinese plate and goes on as none was misread: no other country has the form. */
const STARTS_CHINESE = new RegExp(`^[${PROVINCES}]`, "u");
/** GA 36-2018 §5: the province, the letter of the issuing office, the serial, and what special plates end with. */
const CHINESE = new RegExp(`^([${PROVINCES}][A-Z])([0-9A-Z]{4,6})([挂学警港澳领]?)$`, "u");
const FOREIGN = /^[\p{L}\p{N}]{2,12}$/u;
const MIN_SERIAL = 5;
const MAX_SERIAL = 6;

/**
 * Parses the text of a plate as a person types it or a camera reads it. Chinese serials never contain I and O (GA 36), so
 * those stand for 1 and 0, whoever mistook them.
 *
 * Throws `DomainError("invalid-value")` for anything else; the text never stands in the error.
 */
export function parsePlate(text: string): Plate {
  const plate = text.length > MAX_RAW_CHARACTERS ? undefined : normalised(text);
  if (plate === undefined) throw new DomainError("invalid-value", "number plate: expected one");
  return plate;
}

function normalised(text: string): Plate | undefined {
  const bare = text.normalize("NFKC").toUpperCase().replace(SEPARATORS, "");
  const chinese = CHINESE.exec(bare);
  if (chinese === null) {
    const isOther = FOREIGN.test(bare) && /\p{N}/u.test(bare) && !STARTS_CHINESE.test(bare);
    return isOther ? (bare as Plate) : undefined;
  }
  const [, office = "", serial = "", suffix = ""] = chinese;
  const length = serial.length + suffix.length;
  if (length < MIN_SERIAL || length > MAX_SERIAL) return undefined;
  return `${office}${serial.replaceAll("I", "1").replaceAll("O", "0")}${suffix}` as Plate;
}
