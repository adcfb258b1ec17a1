import type { CardChannel } from "../channel/card-channel.ts";

const BLOCK_BYTES = 16;
/** What makers and most old systems leave in place (NXP AN1305 §4): enough for block 0 of most cards. */
const FACTORY_KEY = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] as const;
const KEY_A = 0x60;

/**
 * Block 0 of a MIFARE Classic, which tells its maker, through a PC/SC reader that speaks Crypto1 (PC/SC part 3 §3.2.2): load a
 * key, authenticate, read. Only with the key that cards leave the factory with; no key of a community is tried.
 *
 * @returns 16 bytes, or undefined where reader or card do not give it
 */
export async function readManufacturerBlock(
  channel: Pick<CardChannel, "transceive">,
): Promise<Uint8Array | undefined> {
  const steps = [
    [0xff, 0x82, 0x00, 0x00, FACTORY_KEY.length, ...FACTORY_KEY],
    [0xff, 0x86, 0x00, 0x00, 0x05, 0x01, 0x00, 0x00, KEY_A, 0x00],
    [0xff, 0xb0, 0x00, 0x00, BLOCK_BYTES],
  ];
  let answer = new Uint8Array();
  for (const step of steps) {
    answer = new Uint8Array(await channel.transceive(Uint8Array.from(step)));
    if (answer.at(-2) !== 0x90 || answer.at(-1) !== 0x00) return undefined;
  }
  return answer.length === BLOCK_BYTES + 2 ? answer.subarray(0, BLOCK_BYTES) : undefined;
}
