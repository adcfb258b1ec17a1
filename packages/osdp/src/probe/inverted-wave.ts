/** A port at this many times the speed of a line draws each bit of that line by one byte. */
export const WAVE_FACTOR = 10;

const LOW = 0x00;
const HIGH = 0xff;
/** Rest before and behind, in bits, so that a receiver finds the first start bit. */
const REST_BITS = 20;

/**
 * The bytes that a port at ten times a line's speed sends so that a device whose two wires are swapped reads `frame`:
 * each bit of the line turned over and drawn as 00 or FF. Start and stop bit of the fast port are a tenth of a bit long,
 * at its edges, where no receiver samples (UARTs look at the middle of a bit).
 */
export function invertedWave(frame: Uint8Array): Uint8Array {
  const wave: number[] = [];
  const draw = (bit: boolean) => wave.push(bit ? LOW : HIGH);
  const rest = () => {
    for (let bit = 0; bit < REST_BITS; bit++) draw(true);
  };
  rest();
  for (const byte of frame) {
    draw(false);
    for (let bit = 0; bit < 8; bit++) draw((byte & (1 << bit)) !== 0);
    draw(true);
  }
  rest();
  return Uint8Array.from(wave);
}
