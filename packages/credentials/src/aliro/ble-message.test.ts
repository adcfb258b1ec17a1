import { fromHex, toHex } from "@menshen/crypto";
import { expect, it } from "vitest";
import { primitives } from "./aliro-vectors.testing.ts";
import {
  BleNotification,
  BleProtocol,
  encodeBleAttributes,
  encodeBleMessage,
  openBleMessage,
  parseBleAttributes,
  parseBleMessage,
  sealBleMessage,
} from "./ble-message.ts";
import { AliroChannel } from "./secure-channel.ts";

const keys = { reader: new Uint8Array(32).fill(1), device: new Uint8Array(32).fill(2) };
const completed = {
  protocol: BleProtocol.notification,
  id: BleNotification.accessProtocolCompleted,
  payload: encodeBleAttributes([{ id: 0, value: Uint8Array.of(0x20, 0x01) }]),
};

it("an APDU travels as it is", () => {
  const message = { protocol: BleProtocol.accessProtocol, id: 0, payload: fromHex("80800000") };
  expect(toHex(encodeBleMessage(message))).toBe("0000000480800000");
  expect(parseBleMessage(fromHex("0000000480800000"))).toEqual(message);
  const channel = new AliroChannel(primitives, "reader", keys);
  expect(sealBleMessage(channel, message)).toBe(message);
  expect(openBleMessage(channel, message)).toBe(message);
});

it("a notification is enciphered, with its header under the tag", () => {
  expect(toHex(encodeBleMessage(completed))).toBe("0203000400022001");
  const reader = new AliroChannel(primitives, "reader", keys);
  const sealed = sealBleMessage(reader, completed);
  expect(sealed.payload).toHaveLength(20);
  const device = () => new AliroChannel(primitives, "device", keys);
  const opened = openBleMessage(device(), parseBleMessage(encodeBleMessage(sealed)));
  expect(parseBleAttributes(opened.payload)).toEqual([{ id: 0, value: Uint8Array.of(0x20, 0x01) }]);
  const integrity = expect.objectContaining({ code: "integrity" });
  expect(() => openBleMessage(device(), { ...sealed, id: BleNotification.event })).toThrow(integrity);
  const again = device();
  openBleMessage(again, sealed);
  expect(() => openBleMessage(again, sealed)).toThrow(integrity);
});

it.each(["", "000000", "0500000000", "0000000100ff", "00000002aa", "00000000aa"])(
  "bytes `%s` are no message",
  (hex) => {
    expect(() => parseBleMessage(fromHex(hex))).toThrow(expect.objectContaining({ code: "malformed" }));
  },
);

it.each(["00", "0002aa", "000000000000", "0001"])("bytes `%s` are no attributes", (hex) => {
  expect(() => parseBleAttributes(fromHex(hex))).toThrow(expect.objectContaining({ code: "malformed" }));
});

it("a payload shorter than its tag is malformed", () => {
  const channel = new AliroChannel(primitives, "reader", keys);
  const message = { ...completed, payload: new Uint8Array(15) };
  expect(() => openBleMessage(channel, message)).toThrow(expect.objectContaining({ code: "malformed" }));
});
