import { StatusWord } from "@menshen/credentials";
import { equalBytes } from "@menshen/crypto/node";
import { readCommand, respond } from "./apdu.ts";
import { desfireApplet } from "./desfire-applet.ts";
import type { DesfireState } from "./desfire-state.ts";
import { type CardRandom, makeNativeEngine } from "./native-engine.ts";
import { STATUS } from "./native-status.ts";
import { answerLikeReader, anticollisionUid, contactlessAtr, type VirtualCard } from "./virtual-card.ts";

/** DF name of the card's own application (NXP AN12752 §3.2). */
const DESFIRE_DF_NAME = Uint8Array.of(0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x00);

const HISTORICAL_BYTES = Uint8Array.of(0x80);

/**
 * A MIFARE DESFire EV2 or EV3 in software: applications, standard and transaction MAC files, AuthenticateEV2First and
 * NonFirst with AES keys, secure messaging, random identifiers, and the factory's DES key with the one change that ends
 * it. What it lacks (DES keys otherwise, value and record files, proximity check, virtual card selection) it refuses as
 * an illegal command.
 *
 * @param state its memory, changed in place
 * @param random chance for its challenges
 */
export function makeDesfireCard(state: DesfireState, random: CardRandom): VirtualCard {
  const applet = desfireApplet(state);
  const engine = makeNativeEngine(applet, random);
  let shownUid = anticollisionUid(state, random);
  const deselect = () => {
    engine.reset();
    applet.select(undefined);
  };
  const reset = () => {
    deselect();
    shownUid = anticollisionUid(state, random);
  };
  return {
    kind: "desfire",
    get uid() {
      return shownUid;
    },
    atr: contactlessAtr(HISTORICAL_BYTES),
    reset,
    powerOff: reset,
    transceive(bytes) {
      const fromReader = answerLikeReader(bytes, shownUid, HISTORICAL_BYTES);
      if (fromReader !== undefined) return fromReader;
      const apdu = readCommand(bytes);
      if (apdu === undefined) return respond(StatusWord.wrongLength);
      if (apdu.cla === 0x90) {
        if (apdu.p1 !== 0 || apdu.p2 !== 0) return respond(0x9100 | STATUS.parameterError);
        return engine.command(apdu.ins, apdu.data);
      }
      if (apdu.cla !== 0x00) return respond(StatusWord.classNotSupported);
      if (apdu.ins !== 0xa4) return respond(StatusWord.instructionNotSupported);
      if (apdu.p1 !== 0x04) return respond(StatusWord.wrongParameters);
      if (!equalBytes(apdu.data, DESFIRE_DF_NAME)) return respond(StatusWord.fileNotFound);
      deselect();
      return respond(StatusWord.ok);
    },
  };
}
