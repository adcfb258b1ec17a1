import { assessChip } from "@menshen/credentials";
import { fromHex } from "@menshen/crypto/node";
import { isCopyable } from "@menshen/domain";
import type { ChipReading } from "@menshen/wire";
import { refusal } from "../../errors.ts";
import type { EnrollableKind } from "./card-kinds.ts";

/**
 * Refuses a new credential on a chip that a key of its maker's opens, if the reader could tell. What no reader read is
 * not refused: the answer is an end date, and a better card.
 *
 * Throws `invalid-request`.
 */
export function demandHonestChip(kind: EnrollableKind, chip: ChipReading | undefined): void {
  if (chip === undefined || !isCopyable(kind)) return;
  const { enrolment } = assessChip({
    ...(chip.atqa === undefined ? {} : { atqa: bytes(chip.atqa) }),
    ...(chip.sak === undefined ? {} : { sak: Number.parseInt(chip.sak, 16) }),
    ...(chip.atr === undefined ? {} : { atr: bytes(chip.atr) }),
    ...(chip.block0 === undefined ? {} : { manufacturerBlock: bytes(chip.block0) }),
  });
  if (enrolment !== "refused") return;
  throw refusal("invalid-request", "this chip opens to a key that its maker put in: take another card", {
    fields: [{ path: "body/chip", message: "expected a chip without a back door" }],
  });
}

function bytes(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}
