import { StatusWord } from "@menshen/credentials";
import { equalBytes } from "@menshen/crypto/node";
import { readCommand, respond } from "./apdu.ts";
import { type CardRandom, makeNativeEngine } from "./native-engine.ts";
import { STATUS } from "./native-status.ts";
import { ntag424Applet } from "./ntag424-applet.ts";
import type { Ntag424State } from "./ntag424-state.ts";
import { answerLikeReader, anticollisionUid, contactlessAtr, type VirtualCard } from "./virtual-card.ts";

/** DF name of the NDEF application (NFC Forum Type 4 Tag §4.2.1). */
const NDEF_DF_NAME = Uint8Array.of(0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01);

/** File identifiers and short ones of the three files (NT4H2421Gx §8.2.3, table 5). */
const FILES = [
  { number: 1, identifier: 0xe103, short: 0x03 },
  { number: 2, identifier: 0xe104, short: 0x04 },
  { number: 3, identifier: 0xe105, short: 0x05 },
] as const;

const HISTORICAL_BYTES = Uint8Array.of(0x80);
const WRONG_OFFSET = 0x6b00;

/**
 * An NTAG 424 DNA in software: the NDEF application with its three files and five keys, AuthenticateEV2First and
 * NonFirst (AES), secure messaging, Secure Dynamic Messaging on readings without a key. What it lacks (LRP mode,
 * counter limit, originality signature, configuration but the random identifier) it refuses.
 *
 * @param state its memory, changed in place
 * @param random chance for its challenges and mirrors
 */
export function makeNtag424Card(state: Ntag424State, random: CardRandom): VirtualCard {
  const applet = ntag424Applet(state, random);
  const engine = makeNativeEngine(applet, random);
  let selectedFile: number | undefined;
  let shownUid = anticollisionUid(state, random);

  const deselect = () => {
    engine.reset();
    applet.selected = false;
    selectedFile = undefined;
  };
  const reset = () => {
    deselect();
    shownUid = anticollisionUid(state, random);
  };

  const select = (p1: number, p2: number, data: Uint8Array): Uint8Array => {
    if (p2 !== 0x00 && p2 !== 0x0c) return respond(StatusWord.wrongParameters);
    if (p1 === 0x04) {
      if (!equalBytes(data, NDEF_DF_NAME)) return respond(StatusWord.fileNotFound);
      deselect();
      applet.selected = true;
      return respond(StatusWord.ok);
    }
    if (p1 !== 0x00 && p1 !== 0x02) return respond(StatusWord.wrongParameters);
    const identifier = ((data[0] ?? 0) << 8) | (data[1] ?? 0);
    const file = FILES.find((one) => one.identifier === identifier);
    if (data.length !== 2 || file === undefined || !applet.selected) return respond(StatusWord.fileNotFound);
    applet.interrupt();
    selectedFile = file.number;
    return respond(StatusWord.ok);
  };

  /** File and offset of READ BINARY and UPDATE BINARY (ISO/IEC 7816-4 §11.2.2). */
  const place = (p1: number, p2: number) => {
    if ((p1 & 0x80) === 0) return { number: selectedFile, offset: (p1 << 8) | p2 };
    selectedFile = FILES.find(({ short }) => short === (p1 & 0x1f))?.number;
    return { number: selectedFile, offset: p2 };
  };

  const readBinary = (p1: number, p2: number, expected: number): Uint8Array => {
    const { number, offset } = place(p1, p2);
    if (number === undefined || !applet.selected) return respond(StatusWord.fileNotFound);
    // Without secure messaging a session does not help (NT4H2421Gx §10.8.2).
    engine.reset();
    const content = applet.readFreely(number);
    if (content === undefined) return respond(StatusWord.securityNotSatisfied);
    if (offset >= content.length) return respond(WRONG_OFFSET);
    return respond(StatusWord.ok, content.slice(offset, offset + expected));
  };

  const updateBinary = (p1: number, p2: number, data: Uint8Array): Uint8Array => {
    const { number, offset } = place(p1, p2);
    const file = number === undefined ? undefined : state.files.get(number);
    if (file === undefined || !applet.selected) return respond(StatusWord.fileNotFound);
    engine.reset();
    applet.interrupt();
    if (![file.rights.write, file.rights.readWrite].includes("free")) {
      return respond(StatusWord.securityNotSatisfied);
    }
    if (data.length === 0 || offset + data.length > file.data.length) return respond(StatusWord.wrongLength);
    file.data.set(data, offset);
    return respond(StatusWord.ok);
  };

  return {
    kind: "ntag424",
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
      const { cla, ins, p1, p2, data } = apdu;
      if (cla === 0x90) {
        if (p1 !== 0 || p2 !== 0) return respond(0x9100 | STATUS.parameterError);
        return engine.command(ins, data);
      }
      if (cla !== 0x00) return respond(StatusWord.classNotSupported);
      if (ins === 0xa4) return select(p1, p2, data);
      if (ins === 0xb0) return readBinary(p1, p2, apdu.le ?? 0);
      if (ins === 0xd6) return updateBinary(p1, p2, data);
      return respond(StatusWord.instructionNotSupported);
    },
  };
}
