import type { ByteStream, ByteStreamListener, Timers } from "@menshen/osdp";

/** A device's place on the line, with its own two wires to it. */
export interface LineDrop {
  readonly stream: ByteStream;
  /** A and B are the other way round. */
  swapped: boolean;
  cut: boolean;
  baudRate: number;
}

/**
 * Two wires as an RS-485 line has them, bit by bit: whoever listens at another speed or with its wires swapped reads what
 * a UART makes of that, and two that talk at once pull the same wires.
 */
export interface TwoWireLine {
  /** The panel's port at this speed; opening it again closes the one before. */
  open(baudRate: number): ByteStream;
  drop(baudRate: number): LineDrop;
}

interface Transmission {
  readonly sender: object;
  readonly startMs: number;
  readonly endMs: number;
  readonly bitMs: number;
  readonly levels: readonly boolean[];
}

/** Start bit, eight data bits, stop bit. */
const BITS_A_BYTE = 10;
/** How often a UART looks at the wire within a bit. */
const OVERSAMPLING = 16;
/** How long a device takes from the end of a command to its answer. */
const TURN_AROUND_MS = 1;

interface Station {
  readonly listener: () => ByteStreamListener | undefined;
  readonly bitMs: () => number;
  readonly isSwapped: () => boolean;
  readonly isThere: () => boolean;
}

export function makeTwoWireLine(timers: Timers): TwoWireLine {
  const stations = new Set<Station>();
  let onAir: Transmission[] = [];
  let port: Station | undefined;

  /** Without anybody driving it the line rests high; of two drivers the one that pulls low wins. */
  function levelAt(atMs: number): boolean {
    for (const { startMs, endMs, bitMs, levels } of onAir) {
      if (atMs < startMs || atMs >= endMs) continue;
      if (levels[Math.floor((atMs - startMs) / bitMs)] === false) return false;
    }
    return true;
  }

  function send(sender: Station, bytes: Uint8Array): void {
    if (!sender.isThere()) return;
    const bitMs = sender.bitMs();
    const levels = [...bytes].flatMap((byte) => [
      false,
      ...Array.from({ length: 8 }, (_, bit) => (byte & (1 << bit)) !== 0),
      true,
    ]);
    const startMs = timers.now() + TURN_AROUND_MS;
    const endMs = startMs + bytes.length * BITS_A_BYTE * bitMs;
    const wires = sender.isSwapped() ? levels.map((level) => !level) : levels;
    onAir.push({ sender, startMs, endMs, bitMs, levels: wires });
    timers.set(endMs - timers.now(), settle);
  }

  /** Everybody who was silent reads what was on the wires, once nobody talks any more. */
  function settle(): void {
    const nowMs = timers.now();
    if (onAir.length === 0 || onAir.some(({ endMs }) => endMs > nowMs + 1e-6)) return;
    const senders = new Set(onAir.map(({ sender }) => sender));
    const fromMs = Math.min(...onAir.map(({ startMs }) => startMs));
    const toMs = Math.max(...onAir.map(({ endMs }) => endMs));
    const heard = [...stations]
      .filter((station) => !senders.has(station) && station.isThere())
      .map((station) => ({ station, bytes: read(station, fromMs, toMs) }));
    onAir = [];
    for (const { station, bytes } of heard) if (bytes.length > 0) station.listener()?.received(bytes);
  }

  /** A UART: finds a falling edge, looks again in the middle of the start bit, then in the middle of each bit. */
  function read(station: Station, fromMs: number, toMs: number): Uint8Array {
    const bitMs = station.bitMs();
    const level = (atMs: number) => levelAt(atMs) !== station.isSwapped();
    const stepMs = bitMs / OVERSAMPLING;
    const bytes: number[] = [];
    let before = level(fromMs - bitMs);
    for (let atMs = fromMs - stepMs; atMs < toMs + bitMs; atMs += stepMs) {
      const now = level(atMs);
      const isEdge = before && !now;
      before = now;
      if (!isEdge || level(atMs + bitMs / 2)) continue;
      let byte = 0;
      for (let bit = 0; bit < 8; bit++) if (level(atMs + bitMs * (bit + 1.5))) byte |= 1 << bit;
      // A missing stop bit is a framing error; a serial port without parity hands the byte over all the same.
      bytes.push(byte);
      atMs += bitMs * 9.5;
      before = level(atMs);
    }
    return Uint8Array.from(bytes);
  }

  function makeStation(settings: Omit<Station, "listener">): { station: Station; stream: ByteStream } {
    let listener: ByteStreamListener | undefined;
    const station: Station = { ...settings, listener: () => listener };
    stations.add(station);
    return {
      station,
      stream: {
        get isOpen() {
          return stations.has(station);
        },
        write: (bytes) => {
          if (stations.has(station)) send(station, bytes);
        },
        listen(next) {
          listener = next;
          next.opened();
        },
        async close() {
          listener = undefined;
          stations.delete(station);
        },
      },
    };
  }

  return {
    open(baudRate) {
      if (port !== undefined) stations.delete(port);
      const made = makeStation({
        bitMs: () => 1_000 / baudRate,
        isSwapped: () => false,
        isThere: () => true,
      });
      port = made.station;
      return made.stream;
    },
    drop(baudRate) {
      const drop = { swapped: false, cut: false, baudRate };
      const { stream } = makeStation({
        bitMs: () => 1_000 / drop.baudRate,
        isSwapped: () => drop.swapped,
        isThere: () => !drop.cut,
      });
      return Object.assign(drop, { stream });
    },
  };
}
