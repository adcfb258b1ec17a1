import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openGpioLine } from "./gpio-lock.ts";

let root: string;

/** The kernel's folder with one chip of 32 lines from 512 on; exporting makes the line's folder, as the kernel does. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gate-gpio-"));
  mkdirSync(join(root, "gpiochip512"));
  writeFileSync(join(root, "gpiochip512", "label"), "pinctrl-test\n");
  writeFileSync(join(root, "gpiochip512", "base"), "512\n");
  mkdirSync(join(root, "gpio517"));
});
afterEach(() => rmSync(root, { recursive: true }));

const value = (name: string) => readFileSync(join(root, "gpio517", name), "utf8");

test.each(["pinctrl-test", "gpiochip512"])(
  "a line of the chip named %s is low first, then what it is told",
  (chip) => {
    const line = openGpioLine(chip, 5, root);
    expect(value("direction")).toBe("low");
    line.set(true);
    expect(value("value")).toBe("1");
    line.set(false);
    expect(value("value")).toBe("0");
  },
);

test("a chip or a line that is not there stops the start", () => {
  expect(() => openGpioLine("other", 5, root)).toThrow(expect.objectContaining({ code: "config-invalid" }));
  expect(() => openGpioLine("gpiochip512", 6, root)).toThrow(
    expect.objectContaining({ code: "config-invalid" }),
  );
  expect(() => openGpioLine("x", 0, join(root, "missing"))).toThrow(
    expect.objectContaining({ code: "config-invalid" }),
  );
});

test("a line that takes no value is a fault, not a silence", () => {
  const line = openGpioLine("gpiochip512", 5, root);
  rmSync(join(root, "gpio517"), { recursive: true });
  expect(() => line.set(true)).toThrow(expect.objectContaining({ code: "disk-failed" }));
});
