import type { Cose } from "@menshen/crypto";
import { type VisitorPass, type VisitToken, visitorPass, visitToken, WireError } from "@menshen/wire";

/**
 * What a visitor's pass says, its signature unchecked: for the screen of whoever shows it. Only a gate knows whether it
 * holds.
 *
 * @returns `undefined` for anything else
 */
export function readVisitorPass(
  primitives: Pick<Cose, "coseVerify1">,
  message: Uint8Array,
): VisitorPass | undefined {
  let payload: Uint8Array | undefined;
  // No key is given: what is wanted is the payload of a message of the right form.
  primitives.coseVerify1({
    message,
    key: (_kid, found) => {
      payload = found;
      return undefined;
    },
  });
  if (payload === undefined) return undefined;
  const read = payload;
  return orNothing(() => visitorPass.decode(read));
}

/** What a one-time token says, its signature unchecked; `undefined` for anything else. */
export function readVisitToken(message: Uint8Array): VisitToken | undefined {
  return orNothing(() => visitToken.decode(message));
}

function orNothing<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
