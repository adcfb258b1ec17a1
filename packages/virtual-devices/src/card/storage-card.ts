import { StatusWord } from "@menshen/credentials";
import { equalBytes } from "@menshen/crypto/node";
import { readCommand, respond } from "./apdu.ts";
import { answerLikeReader, contactlessAtr, type VirtualCard } from "./virtual-card.ts";

/** Memory of a storage card; changed in place by what readers write. */
export interface StorageState {
  readonly chip: "ultralight" | "classic-1k";
  readonly uid: Uint8Array;
  readonly memory: Uint8Array;
  /** Key A of each sector of a MIFARE Classic, 6 bytes. */
  readonly keys: readonly Uint8Array[];
}

const ULTRALIGHT_PAGES = 16;
const PAGE_BYTES = 4;
const BLOCKS = 64;
const BLOCK_BYTES = 16;
const SECTOR_BLOCKS = 4;
/** The card's name in the ATR (PC/SC part 3, supplement, table 3-6). */
const CARD_NAME = { ultralight: 0x03, "classic-1k": 0x01 } as const;

/** A card as its factory leaves it. */
export function blankStorageCard(chip: StorageState["chip"], uid: Uint8Array): StorageState {
  const memory = new Uint8Array(chip === "ultralight" ? ULTRALIGHT_PAGES * PAGE_BYTES : BLOCKS * BLOCK_BYTES);
  memory.set(uid);
  const sectors = chip === "ultralight" ? 0 : BLOCKS / SECTOR_BLOCKS;
  const keys = Array.from({ length: sectors }, () => new Uint8Array(6).fill(0xff));
  return { chip, uid: uid.slice(), memory, keys };
}

/**
 * A card without keys worth the name, in front of a PC/SC reader that reads and writes it: MIFARE Ultralight (pages 4 to 15
 * writable) or MIFARE Classic 1K (per sector, after its key A; without the cipher, which the reader would speak).
 */
export function makeStorageCard(state: StorageState): VirtualCard {
  const { chip, memory, uid } = state;
  const historicalBytes = Uint8Array.of(
    ...[0x80, 0x4f, 0x0c, 0xa0, 0, 0, 0x03, 0x06, 0x03, 0, CARD_NAME[chip], 0, 0, 0, 0],
  );
  let loadedKey: Uint8Array | undefined;
  let openSector: number | undefined;
  const unitBytes = chip === "ultralight" ? PAGE_BYTES : BLOCK_BYTES;
  const isOpen = (block: number) => chip === "ultralight" || openSector === Math.floor(block / SECTOR_BLOCKS);
  const isWritable = (block: number) =>
    chip === "ultralight" ? block >= 4 : block > 0 && block % SECTOR_BLOCKS !== SECTOR_BLOCKS - 1;
  const reset = () => {
    loadedKey = undefined;
    openSector = undefined;
  };
  return {
    kind: "uid",
    uid,
    atr: contactlessAtr(historicalBytes),
    reset,
    powerOff: reset,
    transceive(bytes) {
      const command = readCommand(bytes);
      if (command === undefined || command.cla !== 0xff || command.ins === 0xca) {
        return answerLikeReader(bytes, uid, historicalBytes) ?? respond(StatusWord.functionNotSupported);
      }
      const { ins, p2: at, data, le } = command;
      const offset = at * unitBytes;
      switch (ins) {
        case 0x82:
          if (data.length !== 6) return respond(StatusWord.wrongLength);
          loadedKey = data;
          return respond(StatusWord.ok);
        case 0x86: {
          openSector = undefined;
          const sector = Math.floor((data[2] ?? 0xff) / SECTOR_BLOCKS);
          const key = state.keys[sector];
          if (key === undefined || loadedKey === undefined || !equalBytes(key, loadedKey)) {
            return respond(0x6300);
          }
          openSector = sector;
          return respond(StatusWord.ok);
        }
        case 0xb0:
          if (!isOpen(at)) return respond(StatusWord.securityNotSatisfied);
          if (le !== 16 || offset + 16 > memory.length) return respond(StatusWord.wrongParameters);
          return respond(StatusWord.ok, memory.slice(offset, offset + 16));
        case 0xd6:
          if (!isOpen(at)) return respond(StatusWord.securityNotSatisfied);
          if (!isWritable(at) || data.length !== unitBytes || offset >= memory.length) {
            return respond(StatusWord.wrongParameters);
          }
          memory.set(data, offset);
          return respond(StatusWord.ok);
        default:
          return respond(StatusWord.functionNotSupported);
      }
    },
  };
}
