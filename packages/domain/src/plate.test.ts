import { expect, test } from "vitest";
import { DomainError, parsePlate } from "./index.ts";

test.each([
  ["沪A12345", "沪A12345"],
  ["沪A·12345", "沪A12345"],
  [" 沪a 12345 ", "沪A12345"],
  ["沪Ａ１２３４５", "沪A12345"],
  // New energy: six characters, small and large vehicles.
  ["浙AD12345", "浙AD12345"],
  ["浙A12345D", "浙A12345D"],
  // No serial has I or O: a camera that reads one saw 1 or 0. The office may be O (police).
  ["京AO1I23", "京A01123"],
  ["京O12345", "京O12345"],
  ["粤Z1234港", "粤Z1234港"],
  ["沪A1234挂", "沪A1234挂"],
  // Embassies, and plates from elsewhere.
  ["使014578", "使014578"],
  ["B-MW 1234", "BMW1234"],
  ["ABC 123", "ABC123"],
  ["А123ВС77", "А123ВС77"],
])("%s is the plate %s", (text, plate) => {
  expect(parsePlate(text)).toBe(plate);
});

test("an O stays an O on a plate of another country", () => {
  expect(parsePlate("BO 10")).toBe("BO10");
});

test("what a plate is read from never stands in the error", () => {
  expect(() => parsePlate("沪A1234567")).toThrow(
    new DomainError("invalid-value", "number plate: expected one"),
  );
});
