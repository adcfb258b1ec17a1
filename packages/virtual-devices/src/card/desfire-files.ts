import {
  type AccessRights,
  decodeAccessRights,
  decodeCommMode,
  encodeAccessRights,
  encodeCommMode,
  NativeCommand,
  u24Bytes,
} from "@menshen/credentials";
import { accessMode, conditionsOf, u24 } from "./card-file.ts";
import { type DesfireContext, mayCreateFile } from "./desfire-context.ts";
import { type DesfireFile, transactionMacContent } from "./desfire-state.ts";
import { type CommandGroup, denial, type Planner, planned } from "./native-command.ts";
import { DONE, type Outcome } from "./native-engine.ts";
import { type Refusal, STATUS } from "./native-status.ts";

const MAX_FILE_BYTES = 8_192;
const HIGHEST_FILE = 31;
/** Bit 7 of a file option (MF3DX2 datasheet §11.6.2). */
const ADDITIONAL_RIGHTS = 0x80;
const MAX_ADDITIONAL_SETS = 7;

/** Commands about files. */
export function desfireFileCommands(card: DesfireContext): CommandGroup {
  const onFile = <T>(body: Uint8Array, make: (file: DesfireFile) => T): T | { readonly refused: Refusal } => {
    const number = body[0];
    if (number === undefined) return { refused: STATUS.lengthError };
    if (card.selected === undefined) return { refused: STATUS.permissionDenied };
    const file = card.selected.files.get(number);
    return file === undefined ? { refused: STATUS.fileNotFound } : make(file);
  };

  const readData: Planner = (body, key) =>
    onFile(body, (file) => {
      const mode = accessMode(conditionsOf(file, "read", "readWrite"), key, file.mode);
      if (mode === undefined) return { refused: denial(key) };
      return planned(body, 7, mode, 0, () => {
        const content = file.type === "standard" ? file.data : transactionMacContent(file);
        const offset = u24(body, 1);
        const length = u24(body, 4) || content.length - offset;
        if (offset >= content.length || offset + length > content.length) {
          return { refused: STATUS.boundaryError };
        }
        const part = content.slice(offset, offset + length);
        if (file.type === "standard") {
          card.transaction.note(Uint8Array.of(NativeCommand.readData, ...body.subarray(0, 7)), part);
        }
        return { data: part };
      });
    });

  const writeData: Planner = (body, key) =>
    onFile(body, (file) => {
      if (file.type !== "standard") return { refused: STATUS.permissionDenied };
      const mode = accessMode(conditionsOf(file, "write", "readWrite"), key, file.mode);
      if (mode === undefined) return { refused: denial(key) };
      const offset = u24(body, 1);
      const length = u24(body, 4);
      if (length === 0) return { refused: STATUS.parameterError };
      if (offset + length > file.data.length) return { refused: STATUS.boundaryError };
      return planned(body, 7, mode, length, (payload) => {
        file.data.set(payload, offset);
        card.transaction.note(Uint8Array.of(NativeCommand.writeData, ...body.subarray(0, 7)), payload);
        return DONE;
      });
    });

  return {
    // GetFileIDs
    111: (body) => {
      const application = card.selected;
      if (application === undefined) return { refused: STATUS.permissionDenied };
      return planned(body, 0, "mac", 0, () => ({ data: Uint8Array.from(application.files.keys()) }));
    },
    // GetFileSettings
    245: (body) => onFile(body, (file) => planned(body, 1, "mac", 0, () => ({ data: fileSettings(file) }))),
    // ReadData and WriteData with native and with ISO/IEC 7816-4 chaining
    189: readData,
    173: readData,
    61: writeData,
    141: writeData,
    // ChangeFileSettings: option, rights and, with bit 7 of the option, count and sets of additional rights
    95: (body, key) =>
      onFile(body, (file) => {
        if (file.type !== "standard") return { refused: STATUS.permissionDenied };
        const mode = accessMode([file.rights.change], key, "full");
        if (mode === undefined) return { refused: denial(key) };
        const run = (payload: Uint8Array): Outcome => {
          const [option = 0, low = 0, high = 0] = payload;
          const sets = (option & ADDITIONAL_RIGHTS) === 0 ? [] : additionalSets(payload.subarray(3));
          if (sets === undefined || (sets.length === 0 && payload.length !== 3)) {
            return { refused: STATUS.parameterError };
          }
          file.mode = decodeCommMode(option);
          file.rights = decodeAccessRights(low, high);
          file.additionalRights = sets;
          return DONE;
        };
        return { headerBytes: 1, mode, payloadBytes: "any", run };
      }),
    // DeleteFile
    223: (body, key) => {
      const application = card.selected;
      if (application === undefined) return { refused: STATUS.permissionDenied };
      if (!mayCreateFile(application, key)) return { refused: denial(key) };
      return onFile(body, () =>
        planned(body, 1, "mac", 0, () => {
          application.files.delete(body[0] ?? 0);
          return DONE;
        }),
      );
    },
    // CreateStdDataFile
    205: (body, key) => {
      const application = card.selected;
      if (application === undefined) return { refused: STATUS.permissionDenied };
      if (!mayCreateFile(application, key)) return { refused: denial(key) };
      return planned(body, 7, "mac", 0, () => {
        const [number = 0, option = 0, low = 0, high = 0] = body;
        const size = u24(body, 4);
        if (number > HIGHEST_FILE || size === 0 || size > MAX_FILE_BYTES) {
          return { refused: STATUS.parameterError };
        }
        if (application.files.has(number)) return { refused: STATUS.duplicateError };
        application.files.set(number, {
          type: "standard",
          mode: decodeCommMode(option),
          rights: decodeAccessRights(low, high),
          data: new Uint8Array(size),
        });
        return DONE;
      });
    },
  };
}

/** Undefined unless there are as many sets of two bytes as the first byte says, one to seven. */
function additionalSets(bytes: Uint8Array): readonly AccessRights[] | undefined {
  const [count = 0] = bytes;
  if (count < 1 || count > MAX_ADDITIONAL_SETS || bytes.length !== 1 + 2 * count) return undefined;
  return Array.from({ length: count }, (_, index) =>
    decodeAccessRights(bytes[1 + 2 * index] ?? 0, bytes[2 + 2 * index] ?? 0),
  );
}

function fileSettings(file: DesfireFile): Uint8Array {
  const sets = file.type === "standard" ? (file.additionalRights ?? []) : [];
  const option = encodeCommMode(file.mode) | (sets.length > 0 ? ADDITIONAL_RIGHTS : 0);
  const common = [option, ...encodeAccessRights(file.rights)];
  // Type of the key and its version behind the rights, as proxmark3 `cmdhfmfdes.c` reads them off real cards.
  if (file.type === "transaction-mac") return Uint8Array.of(0x05, ...common, 0x02, file.key.version);
  const further =
    sets.length > 0 ? [sets.length, ...sets.flatMap((set) => [...encodeAccessRights(set)])] : [];
  return Uint8Array.of(0x00, ...common, ...u24Bytes(file.data.length), ...further);
}
