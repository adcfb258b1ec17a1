import { toHex } from "@menshen/crypto/node";
import {
  type BusEvent,
  type BuzzerControl,
  Capability,
  type LedControl,
  type LedPattern,
  type OutputControl,
  type PdCapability,
  type PdIdentity,
  type TextOutput,
} from "@menshen/osdp";

const COLOURS = ["black", "red", "green", "amber", "blue", "magenta", "cyan", "white"] as const;

/** `2.0s` for 20 ticks of 100 ms. */
function ticks(count: number): string {
  return `${(count / 10).toFixed(1)}s`;
}

export function colourName(colour: number): string {
  return COLOURS[colour] ?? String(colour);
}

function pattern(led: LedPattern): string {
  const on = `${colourName(led.onColour)} ${ticks(led.onTicks)}`;
  return led.offTicks === 0 ? on : `${on} ${colourName(led.offColour)} ${ticks(led.offTicks)}`;
}

/** One line for an osdp_LED record. */
export function ledLine({ reader, led, temporary, permanent }: LedControl): string {
  const parts = [`LED reader=${reader} led=${led}`];
  if (temporary.control === 1) parts.push("temporary=cancel");
  if (temporary.control === 2)
    parts.push(`temporary=[${pattern(temporary)}] for=${ticks(temporary.timerTicks)}`);
  if (permanent.control === 1) parts.push(`permanent=[${pattern(permanent)}]`);
  return parts.join(" ");
}

/** One line for an osdp_BUZ. */
export function buzzerLine({ reader, tone, onTicks, offTicks, repeat }: BuzzerControl): string {
  return `BUZ reader=${reader} tone=${tone} on=${ticks(onTicks)} off=${ticks(offTicks)} repeat=${repeat}`;
}

/** One line for an osdp_OUT record. */
export function outputLine({ output, control, timerTicks }: OutputControl): string {
  const names = ["none", "off", "on", "off-after-timer", "on-after-timer", "on-for", "off-for"];
  const timed = control >= 5 ? ` time=${ticks(timerTicks)}` : "";
  return `OUT output=${output} control=${names[control] ?? control}${timed}`;
}

/** One line for an osdp_TEXT. */
export function textLine({ reader, row, column, text }: TextOutput): string {
  return `TEXT reader=${reader} row=${row} column=${column} text=${JSON.stringify(Buffer.from(text).toString("latin1"))}`;
}

const CAPABILITY_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(Capability).map(([name, code]) => [
    code,
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  ]),
);

/** Name of a capability's function code, `function-N` for codes without one. */
export function capabilityName({ function: code }: PdCapability): string {
  return CAPABILITY_NAMES[code] ?? `function-${code}`;
}

/** `02-4d-53` */
export function vendorText({ vendor }: PdIdentity): string {
  return (vendor.toString(16).padStart(6, "0").match(/../g) ?? []).join("-");
}

/** Identity as JSON has it. */
export function identityFields(identity: PdIdentity) {
  const { model, version, serial, firmware } = identity;
  return {
    vendor: vendorText(identity),
    model,
    version,
    serial,
    firmware: `${firmware.major}.${firmware.minor}.${firmware.build}`,
  };
}

/** An event as JSON: byte strings as hexadecimal, identities in their readable form. */
export function eventFields(event: BusEvent): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  }
  return value;
}

/** Marks what a reader may have kept from before the conversation. */
function ageText({ stale }: { readonly stale: boolean }): string {
  return stale ? " stale" : "";
}

/** One line for an event, the same in every language: words to search for, then values. */
export function eventLine(event: BusEvent): string {
  switch (event.kind) {
    case "bus":
      return `line ${event.state}`;
    case "online":
      return `online ${event.secure ? "secure" : "plain"} vendor=${vendorText(event.identity)} serial=${event.identity.serial}`;
    case "offline":
      return `offline ${event.reason}`;
    case "secure-channel":
      return event.state === "lost"
        ? `secure-channel lost ${event.cause}`
        : `secure-channel ${event.state} ${event.key}`;
    case "install-window":
      return `install-window ${event.state} ${event.cause}`;
    case "card-raw":
      return `card raw format=${event.format} bits=${event.bitCount} data=${toHex(event.bits)}${ageText(event)}`;
    case "card-formatted":
      return `card formatted text=${JSON.stringify(Buffer.from(event.characters).toString("latin1"))}${ageText(event)}`;
    case "keypad":
      return `keypad ${keyText(event.digits)}${ageText(event)}`;
    case "tamper":
      return `tamper ${event.active ? "on" : "off"} ${event.cause}`;
    case "power":
      return `power ${event.failed ? "failed" : "good"}`;
    case "input":
      return `inputs ${event.states.join("")}`;
    case "output":
      return `outputs ${event.states.join("")}`;
    case "reader-status":
      return `readers ${event.states.join("")}`;
    case "xrd":
      return `smart-card ${xrdText(event.report)}`;
    case "mac-failure":
      return `mac-failure ${event.fault} count=${event.count}${event.alarm ? " alarm" : ""}`;
    case "nak":
      return `nak ${event.command} reason=${event.reason}`;
    default:
      return fallback(event);
  }
}

function fallback(event: BusEvent): string {
  const { kind, ...rest } = eventFields(event);
  const values = Object.entries(rest)
    .filter(([name]) => name !== "address")
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [String(kind), ...values].join(" ");
}

/** `1234#`: digits as they are, 7F as `*`, 0D as `#`, anything else as `\xNN`. */
function keyText(digits: Uint8Array): string {
  return [...digits]
    .map((code) => {
      if (code === 0x7f) return "*";
      if (code === 0x0d) return "#";
      return code >= 0x20 && code < 0x7f
        ? String.fromCharCode(code)
        : `\\x${code.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

function xrdText(report: Extract<BusEvent, { kind: "xrd" }>["report"]): string {
  switch (report.kind) {
    case "card-present":
      return report.status;
    case "card-information":
      return `${report.protocol} csn=${toHex(report.csn)}`;
    case "mode":
      return `mode=${report.mode} config=${report.config}`;
    default:
      return report.kind;
  }
}
