import {
  changedKey,
  decodeAccessRights,
  decodeCommMode,
  decodeSdmSettings,
  encodeAccessRights,
  encodeCommMode,
  encodeSdmSettings,
  mirrorSunText,
  sunLayoutOf,
  u24Bytes,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { accessMode, u24 } from "./card-file.ts";
import { type CommandGroup, denial, type Planner, planned } from "./native-command.ts";
import { type CardRandom, DONE, type NativeApplet } from "./native-engine.ts";
import { type Refusal, STATUS } from "./native-status.ts";
import type { Ntag424File, Ntag424State } from "./ntag424-state.ts";

export interface Ntag424Applet extends NativeApplet {
  /** The NDEF application is selected; without it there are no files and no keys. */
  selected: boolean;
  /** What somebody without a key reads, mirrors filled in; undefined if nobody may. */
  readFreely(number: number): Uint8Array | undefined;
  /** A command came that is not a reading: the next reading is another tap for the counter. */
  interrupt(): void;
}

const SDM_ENABLED = 0x40;
const READ_DATA = 0xad;
const GET_VERSION = 0x60;
const RANDOM_UID = 0x02;
const MAX_COUNTER = 0xff_ffff;

/** GetVersion of an NTAG 424 DNA (AN12196 §5.5). The production data behind the UID are zero: it was never made. */
const HARDWARE = [0x04, 0x04, 0x02, 0x30, 0x00, 0x11, 0x05];
const SOFTWARE = [0x04, 0x04, 0x02, 0x01, 0x02, 0x11, 0x05];
const PRODUCTION = [0, 0, 0, 0, 0, 0, 0];

/** Native commands of an NTAG 424 DNA over its memory. */
export function ntag424Applet(state: Ntag424State, random: CardRandom): Ntag424Applet {
  let selected = false;
  /** The file as this tap shows it: reading it in parts counts once. */
  let shown: { readonly number: number; readonly content: Uint8Array } | undefined;

  const show = (number: number, file: Ntag424File): Uint8Array | undefined => {
    if (shown?.number === number) return shown.content;
    const content = mirrored(file);
    if (content !== undefined) shown = { number, content };
    return content;
  };

  const mirrored = (file: Ntag424File): Uint8Array | undefined => {
    const layout = file.sdm === undefined ? undefined : sunLayoutOf(file.sdm);
    if (file.sdm === undefined || layout === undefined) return file.data;
    if (state.readCounter >= MAX_COUNTER) return undefined;
    state.readCounter += 1;
    const keyOf = (condition: unknown) =>
      (typeof condition === "number" ? state.keys[condition]?.value : undefined) ?? new Uint8Array(16);
    return mirrorSunText({
      primitives,
      layout,
      text: file.data,
      metaKey: keyOf(file.sdm.metaRead),
      fileKey: keyOf(file.sdm.fileRead),
      uid: state.uid,
      counter: state.readCounter,
      random: random(16),
    });
  };

  const onFile = <T>(
    body: Uint8Array,
    make: (file: Ntag424File, number: number) => T,
  ): T | { readonly refused: Refusal } => {
    const number = body[0];
    if (number === undefined) return { refused: STATUS.lengthError };
    const file = state.files.get(number);
    return file === undefined ? { refused: STATUS.fileNotFound } : make(file, number);
  };

  const readData: Planner = (body, key) =>
    onFile(body, (file, number) => {
      const mode = accessMode([file.rights.read, file.rights.readWrite], key, file.mode);
      if (mode === undefined) return { refused: denial(key) };
      return planned(body, 7, mode, 0, () => {
        const offset = u24(body, 1);
        const length = u24(body, 4) || file.data.length - offset;
        if (offset >= file.data.length || offset + length > file.data.length) {
          return { refused: STATUS.boundaryError };
        }
        const content = key === undefined ? show(number, file) : file.data;
        if (content === undefined) return { refused: STATUS.permissionDenied };
        return { data: content.slice(offset, offset + length) };
      });
    });

  const commands: CommandGroup = {
    // GetVersion
    [GET_VERSION]: (body) =>
      planned(body, 0, "mac", 0, () => ({
        // With a random identifier the true one is told to nobody without a key.
        data: Uint8Array.of(
          ...HARDWARE,
          ...SOFTWARE,
          ...(state.randomUid === true ? new Uint8Array(7) : state.uid),
          ...PRODUCTION,
        ),
        frameBytes: [HARDWARE.length, SOFTWARE.length],
      })),
    // GetCardUID
    81: (body, key) =>
      key === undefined
        ? { refused: STATUS.authenticationError }
        : planned(body, 0, "full", 0, () => ({ data: state.uid })),
    // GetKeyVersion
    100: (body) =>
      planned(body, 1, "mac", 0, () => {
        const found = state.keys[body[0] ?? 0];
        return found === undefined ? { refused: STATUS.noSuchKey } : { data: Uint8Array.of(found.version) };
      }),
    // GetFileSettings
    245: (body) => onFile(body, (file) => planned(body, 1, "mac", 0, () => ({ data: fileSettings(file) }))),
    // GetFileCounters
    246: (body, key) =>
      onFile(body, (file) => {
        const mode = file.sdm === undefined ? undefined : accessMode([file.sdm.counterRead], key, "full");
        if (mode === undefined) return { refused: denial(key) };
        return planned(body, 1, mode, 0, () => ({
          data: Uint8Array.of(...u24Bytes(state.readCounter), 0, 0),
        }));
      }),
    // GetTTStatus: permanent and current state of the loop, "C" closed or "O" opened
    247: (body) => {
      const { tamper } = state;
      if (tamper === undefined) return { refused: STATUS.illegalCommand };
      const letter = tamper.opened ? 0x4f : 0x43;
      return planned(body, 0, "mac", 0, () => ({ data: Uint8Array.of(letter, letter) }));
    },
    [READ_DATA]: readData,
    // WriteData
    141: (body, key) =>
      onFile(body, (file) => {
        const mode = accessMode([file.rights.write, file.rights.readWrite], key, file.mode);
        if (mode === undefined) return { refused: denial(key) };
        const offset = u24(body, 1);
        const length = u24(body, 4);
        if (length === 0) return { refused: STATUS.parameterError };
        if (offset + length > file.data.length) return { refused: STATUS.boundaryError };
        return planned(body, 7, mode, length, (payload) => {
          file.data.set(payload, offset);
          return DONE;
        });
      }),
    // ChangeKey
    196: (body, authenticated) => {
      const target = state.keys[body[0] ?? 0];
      if (authenticated !== 0) return { refused: denial(authenticated) };
      if (target === undefined) return { refused: STATUS.noSuchKey };
      const own = body[0] === 0;
      return planned(body, 1, "full", own ? 17 : 21, (payload) => {
        const next = changedKey(payload, own ? undefined : target.value);
        if (next === undefined) return { refused: STATUS.integrityError };
        target.value = next.value;
        target.version = next.version;
        return own ? { endsSession: true } : DONE;
      });
    },
    // SetConfiguration, option 00: random identifier; 05: capabilities, of which LRP (NT4H2421Gx §10.5.1)
    92: (body, key) => {
      if (key !== 0) return { refused: denial(key) };
      if (body[0] === 0x05) {
        return planned(body, 1, "full", 10, (payload) => {
          if (payload[4] === 0x02) state.lrp = true;
          return DONE;
        });
      }
      return planned(body, 1, "full", 1, (payload) => {
        if (body[0] !== 0x00 || (payload[0] ?? 0) > RANDOM_UID) return { refused: STATUS.parameterError };
        if (payload[0] === RANDOM_UID) state.randomUid = true;
        return DONE;
      });
    },
    // ChangeFileSettings
    95: (body, key) =>
      onFile(body, (file, number) => {
        const mode = accessMode([file.rights.change], key, "full");
        if (mode === undefined) return { refused: denial(key) };
        return {
          headerBytes: 1,
          mode,
          payloadBytes: "any",
          run: (payload) => {
            const [option = 0, low = 0, high = 0] = payload;
            if (payload.length < 3) return { refused: STATUS.lengthError };
            const wantsSdm = (option & SDM_ENABLED) !== 0;
            const sdm = wantsSdm ? decodeSdmSettings(payload.subarray(3)) : undefined;
            if (wantsSdm ? sdm === undefined || number !== 2 : payload.length !== 3) {
              return { refused: STATUS.parameterError };
            }
            if (sdm !== undefined && !fits(sdm, file.data.length)) return { refused: STATUS.parameterError };
            file.mode = decodeCommMode(option);
            file.rights = decodeAccessRights(low, high);
            if (sdm === undefined) delete file.sdm;
            else file.sdm = sdm;
            return DONE;
          },
        };
      }),
  };

  return {
    get selected() {
      return selected;
    },
    set selected(next) {
      selected = next;
      shown = undefined;
    },
    readFreely(number) {
      const file = state.files.get(number);
      if (file === undefined || ![file.rights.read, file.rights.readWrite].includes("free")) return undefined;
      return show(number, file);
    },
    interrupt() {
      shown = undefined;
    },
    key: (number) => (selected ? state.keys[number]?.value : undefined),
    isLrp: () => state.lrp === true,
    frameBytes: () => 256,
    plan(ins, body, keyNumber) {
      if (ins !== READ_DATA) shown = undefined;
      const planner = commands[ins];
      if (planner === undefined) return { refused: STATUS.illegalCommand };
      if (!selected && ins !== GET_VERSION) return { refused: STATUS.permissionDenied };
      return planner(body, keyNumber);
    },
  };
}

function fileSettings(file: Ntag424File): Uint8Array {
  const option = encodeCommMode(file.mode) | (file.sdm === undefined ? 0 : SDM_ENABLED);
  const common = Uint8Array.of(
    0x00,
    option,
    ...encodeAccessRights(file.rights),
    ...u24Bytes(file.data.length),
  );
  return file.sdm === undefined ? common : primitives.concatBytes(common, encodeSdmSettings(file.sdm));
}

/** Every mirror lies within the file, so that no tap can fail later. */
function fits(sdm: NonNullable<Ntag424File["sdm"]>, sizeBytes: number): boolean {
  const ends = [
    (sdm.uidOffset ?? 0) + 14,
    (sdm.counterOffset ?? 0) + 6,
    (sdm.piccDataOffset ?? 0) + 32,
    (sdm.macOffset ?? 0) + 16,
    (sdm.encryptedFileData?.offset ?? 0) + (sdm.encryptedFileData?.lengthDigits ?? 0),
  ];
  const wholeBlocks = (sdm.encryptedFileData?.lengthDigits ?? 0) % 32 === 0;
  return (
    wholeBlocks && ends.every((end) => end <= sizeBytes) && (sdm.macInputOffset ?? 0) <= (sdm.macOffset ?? 0)
  );
}
