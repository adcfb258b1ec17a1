import { StatusWord } from "@menshen/credentials";
import { respond } from "./apdu.ts";
import { answerLikeReader, contactlessAtr, type VirtualCard } from "./virtual-card.ts";

/**
 * A card that is nothing but a number (MIFARE Classic 1K and its copies): whoever has read the number can write it on
 * a blank, and readers cannot tell the two apart.
 */
export function makeUidCard(uid: Uint8Array): VirtualCard {
  // PC/SC part 3, supplement, table 3-6: application A0 00 00 03 06, standard 03 (14443-3 A), card name 0001 (1K).
  const historicalBytes = Uint8Array.of(0x80, 0x4f, 0x0c, 0xa0, 0, 0, 0x03, 0x06, 0x03, 0, 0x01, 0, 0, 0, 0);
  const number = uid.slice();
  return {
    kind: "uid",
    uid: number,
    atr: contactlessAtr(historicalBytes),
    reset() {},
    powerOff() {},
    transceive: (command) =>
      answerLikeReader(command, number, historicalBytes) ?? respond(StatusWord.functionNotSupported),
  };
}
