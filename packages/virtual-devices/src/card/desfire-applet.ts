import { concatBytes } from "@menshen/crypto/node";
import type { DesfireContext } from "./desfire-context.ts";
import { desfireDirectoryCommands } from "./desfire-directory.ts";
import { desfireFileCommands } from "./desfire-files.ts";
import type { DesfireApplication, DesfireState } from "./desfire-state.ts";
import { desfireTransactionCommands } from "./desfire-transaction.ts";
import type { CommandGroup } from "./native-command.ts";
import type { NativeApplet } from "./native-engine.ts";
import { STATUS } from "./native-status.ts";

export interface DesfireApplet extends NativeApplet {
  /** Undefined selects the card itself. */
  select(application: DesfireApplication | undefined): void;
}

/** Answer in native frames: 59 bytes and the status (MF3ICDx21 datasheet §9.2). */
const FRAME_BYTES = 59;
/** With the ISO/IEC 7816-4 chaining of ReadData `AD` a whole short APDU is used. */
const ISO_CHAINED_FRAME_BYTES = 254;
const READ_DATA_ISO = 0xad;

/** Applications, keys and files of a DESFire over its memory. */
export function desfireApplet(state: DesfireState): DesfireApplet {
  let selected: DesfireApplication | undefined;
  let noted: Uint8Array[] = [];
  const context: DesfireContext = {
    state,
    get selected() {
      return selected;
    },
    select(application) {
      selected = application;
      noted = [];
    },
    get keys() {
      return selected?.keys ?? [state.masterKey];
    },
    transaction: {
      note(...parts) {
        for (const part of parts) {
          const padded = new Uint8Array(Math.ceil(part.length / 16) * 16);
          padded.set(part);
          noted.push(padded);
        }
      },
      take() {
        const all = concatBytes(...noted);
        noted = [];
        return all;
      },
    },
  };
  const commands: CommandGroup = {
    ...desfireDirectoryCommands(context),
    ...desfireFileCommands(context),
    ...desfireTransactionCommands(context),
  };
  return {
    select: context.select,
    key(number) {
      const found = context.keys[number];
      return found === undefined || found.des === true ? undefined : found.value;
    },
    factoryKey: {
      isAt: (number) => selected === undefined && number === 0 && state.masterKey.des === true,
      replace({ value, version }) {
        Object.assign(state.masterKey, { value, version, des: false });
      },
    },
    isLrp: () => state.lrp === true,
    frameBytes: (ins) => (ins === READ_DATA_ISO ? ISO_CHAINED_FRAME_BYTES : FRAME_BYTES),
    plan(ins, body, keyNumber) {
      const planner = commands[ins];
      return planner === undefined ? { refused: STATUS.illegalCommand } : planner(body, keyNumber);
    },
  };
}
