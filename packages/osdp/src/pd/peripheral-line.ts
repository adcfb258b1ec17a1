import { randomBytes } from "@menshen/crypto/node";
import { BROADCAST_ADDRESS } from "../codes.ts";
import { makeDeframer } from "../frame/deframer.ts";
import type { Frame } from "../frame/frame.ts";
import { OsdpError } from "../osdp-error.ts";
import { systemTimers } from "../timers.ts";
import { makePeripheral, type PeripheralMachine } from "./peripheral.ts";
import type { PeripheralLine, PeripheralLineOptions } from "./peripheral-settings.ts";

/**
 * A frame whose bytes pause for this long was none, or has lost its rest. The standard says 20 ms (SIA OSDP v2.2 §5.7);
 * serial servers on a network need more, and the answer must still come within 200 ms.
 */
const INTER_BYTE_MS = 50;

/** The peripheral end of a line, from now until `stop`; without peripherals it is silent. */
export function makePeripheralLine(options: PeripheralLineOptions): PeripheralLine {
  const timers = options.timers ?? systemTimers;
  const random = options.random ?? randomBytes;
  const { transport } = options;
  const deframer = makeDeframer();
  let machines: readonly PeripheralMachine[] = [];
  let lastBytesMs = 0;
  let cancelTimer: () => void = () => undefined;

  function received(bytes: Uint8Array): void {
    const nowMs = timers.now();
    lastBytesMs = nowMs;
    for (const frame of deframer.push(bytes)) dispatch(frame, nowMs);
    wakeLater(nowMs);
  }

  /** Noise that looked like the start of a long frame may hide a command. */
  function expirePartialFrame(nowMs: number): void {
    while (deframer.partial) for (const frame of deframer.expire()) dispatch(frame, nowMs);
  }

  function forgetPartialFrame(): void {
    while (deframer.partial) deframer.expire();
  }

  function dispatch(frame: Frame, nowMs: number): void {
    // Answers of several peripherals to one broadcast would destroy each other (SIA OSDP v2.2 §5.4).
    if (frame.address === BROADCAST_ADDRESS && machines.length > 1) return;
    for (const machine of machines) {
      const answer = machine.handle(frame, nowMs);
      if (answer instanceof Promise) void answer.then(write);
      else write(answer);
    }
  }

  function write(bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) transport.write(bytes);
  }

  function wakeLater(nowMs: number): void {
    cancelTimer();
    const partialMs = deframer.partial ? lastBytesMs + INTER_BYTE_MS : Number.POSITIVE_INFINITY;
    const nextMs = Math.min(partialMs, ...machines.map((machine) => machine.wakeMs));
    if (nextMs === Number.POSITIVE_INFINITY) return;
    cancelTimer = timers.set(Math.max(0, nextMs - nowMs), () => {
      const laterMs = timers.now();
      if (laterMs >= lastBytesMs + INTER_BYTE_MS) expirePartialFrame(laterMs);
      for (const machine of machines) machine.tick(laterMs);
      wakeLater(laterMs);
    });
  }

  transport.listen({ opened: forgetPartialFrame, received, closed: forgetPartialFrame });

  return {
    add(settings, handlers = {}) {
      const { address } = settings;
      if (!Number.isInteger(address) || address < 0 || address >= BROADCAST_ADDRESS) {
        throw new OsdpError("invalid-argument", `expected an address from 0 to 126, came \`${address}\``);
      }
      if (machines.some((machine) => machine.address === address)) {
        throw new OsdpError("invalid-argument", `address ${address} is taken`);
      }
      const machine = makePeripheral(settings, handlers, timers, random);
      machines = [...machines, machine];
      return machine;
    },
    remove(address) {
      for (const machine of machines) if (machine.address === address) machine.stop();
      machines = machines.filter((machine) => machine.address !== address);
    },
    async stop() {
      cancelTimer();
      for (const machine of machines) machine.stop();
      machines = [];
      await transport.close();
    },
  };
}
