import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GateError } from "../errors.ts";

/** A lock on a line of a GPIO chip. */
export interface GpioLine {
  /** @throws {GateError} `disk-failed` if the kernel refuses */
  set(high: boolean): void;
}

/**
 * Takes a line of a chip (by label, e.g. `pinctrl-bcm2711`, or by name, e.g. `gpiochip0`) as an output that is low.
 *
 * @param root the kernel's GPIO folder; tests give their own
 * @throws {GateError} `config-invalid` if there is no such chip or line
 */
export function openGpioLine(chip: string, line: number, root = "/sys/class/gpio"): GpioLine {
  const number = baseOf(chip, root) + line;
  const folder = join(root, `gpio${number}`);
  try {
    if (!existsSync(folder)) writeFileSync(join(root, "export"), String(number));
    // `low` sets direction and value at once: the lock never sees a moment of anything else.
    writeFileSync(join(folder, "direction"), "low");
  } catch (cause) {
    throw new GateError("config-invalid", `lock: expected line ${line} of \`${chip}\` to be free`, { cause });
  }
  return {
    set(high) {
      try {
        writeFileSync(join(folder, "value"), high ? "1" : "0");
      } catch (cause) {
        throw new GateError("disk-failed", `expected line ${line} of \`${chip}\` to take a value`, { cause });
      }
    },
  };
}

function baseOf(chip: string, root: string): number {
  const names = existsSync(root) ? readdirSync(root).filter((name) => /^gpiochip\d+$/.test(name)) : [];
  for (const name of names) {
    const label = readFileSync(join(root, name, "label"), "utf8").trim();
    if (name === chip || label === chip) return Number(readFileSync(join(root, name, "base"), "utf8").trim());
  }
  throw new GateError("config-invalid", `lock: expected a GPIO chip named \`${chip}\`, came none`);
}
