import { pcscCardName } from "./chip-family.ts";

/** Two places of 16 bytes on a storage card. */
export interface CardMemory {
  /** 16 bytes, or `undefined` when reader or card refuse. */
  readonly read: (slot: 0 | 1) => Promise<Uint8Array | undefined>;
  /** `false` when reader or card refuse. A card that leaves may have written a part. */
  readonly write: (slot: 0 | 1, bytes: Uint8Array) => Promise<boolean>;
}

/** A sector of a MIFARE Classic that is given to us, and its key A. */
export interface ClassicSector {
  /** 1 to 15; sectors of three blocks for data. */
  readonly number: number;
  /** 6 bytes. */
  readonly key: Uint8Array;
}

/** A pseudo command of PC/SC part 3 §3.2.2, answered by the reader: the data, or `undefined` for a refusal. */
export type StorageCommand = (
  ins: number,
  p2: number,
  data: Uint8Array,
  le?: number,
) => Promise<Uint8Array | undefined>;

const SLOT_BYTES = 16;
const READ_BINARY = 0xb0;
const UPDATE_BINARY = 0xd6;
const LOAD_KEYS = 0x82;
const GENERAL_AUTHENTICATE = 0x86;
const KEY_A = 0x60;
const NOTHING = new Uint8Array();

const ULTRALIGHT = 0x0003;
/** MIFARE Classic 1K and 4K. */
const CLASSIC: ReadonlySet<number> = new Set([0x0001, 0x0002]);
/** Pages 8 to 15, on every Ultralight and NTAG 21x free for data, behind what a short address for telephones takes. */
const FIRST_PAGE = 8;
const PAGE_BYTES = 4;
const PAGES_PER_SLOT = SLOT_BYTES / PAGE_BYTES;
const BLOCKS_PER_SECTOR = 4;

/** The last one of a 1K card, with the key that cards leave the factory with. */
export const FACTORY_SECTOR: ClassicSector = { number: 15, key: new Uint8Array(6).fill(0xff) };

/**
 * The two places on the card in the field, through a reader that knows storage cards (PC/SC part 3).
 *
 * @param atr as the reader formed it: it tells the kind of card
 * @returns `undefined` for other cards, and for a sector of another key
 * @throws {CredentialError} the channel's
 */
export async function openCardMemory(
  command: StorageCommand,
  atr: Uint8Array | undefined,
  sector: ClassicSector = FACTORY_SECTOR,
): Promise<CardMemory | undefined> {
  const name = pcscCardName(atr);
  if (name === ULTRALIGHT) return pages(command);
  if (name === undefined || !CLASSIC.has(name)) return undefined;
  const first = sector.number * BLOCKS_PER_SECTOR;
  const loaded = await command(LOAD_KEYS, 0x00, sector.key);
  if (loaded === undefined) return undefined;
  const opened = await command(GENERAL_AUTHENTICATE, 0x00, Uint8Array.of(0x01, 0x00, first, KEY_A, 0x00));
  return opened === undefined ? undefined : blocks(command, first);
}

function pages(command: StorageCommand): CardMemory {
  return {
    read: (slot) => readSlot(command, FIRST_PAGE + slot * PAGES_PER_SLOT),
    async write(slot, bytes) {
      for (let page = 0; page < PAGES_PER_SLOT; page += 1) {
        const data = bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
        const at = FIRST_PAGE + slot * PAGES_PER_SLOT + page;
        if ((await command(UPDATE_BINARY, at, data)) === undefined) return false;
      }
      return true;
    },
  };
}

function blocks(command: StorageCommand, first: number): CardMemory {
  return {
    read: (slot) => readSlot(command, first + slot),
    write: async (slot, bytes) => (await command(UPDATE_BINARY, first + slot, bytes)) !== undefined,
  };
}

async function readSlot(command: StorageCommand, at: number): Promise<Uint8Array | undefined> {
  const bytes = await command(READ_BINARY, at, NOTHING, SLOT_BYTES);
  return bytes?.length === SLOT_BYTES ? bytes : undefined;
}
