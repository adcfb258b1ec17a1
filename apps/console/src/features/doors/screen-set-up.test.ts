import { sha256 } from "@menshen/crypto";
import { expect, test } from "vitest";
import { setUpScreen } from "./screen-set-up.ts";

const TOKEN = "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s";
const PLACE = {
  readerId: "dddddddd-0000-4000-8000-000000000001",
  accessPointId: "cccccccc-0000-4000-8000-000000000001",
  doorName: "北门",
};

test("the gate gets the hash of a token, the browser the token", () => {
  const { configuration, command } = setUpScreen(PLACE, new Uint8Array(32).fill(0xfb), sha256, "zh-CN");
  expect(JSON.parse(configuration)).toEqual({
    kiosk: {
      host: "127.0.0.1",
      port: 8483,
      places: [
        {
          ...PLACE,
          tokenSha256: "d11835ca7edbd11d612c89ccda97f8054dde4f78485ff5b589336e8bd9e35315",
        },
      ],
    },
  });
  expect(configuration).not.toContain(TOKEN);
  expect(command).toBe(
    `chromium --kiosk --use-fake-ui-for-media-stream --autoplay-policy=no-user-gesture-required "http://127.0.0.1:8483/kiosk/#token=${TOKEN}"`,
  );
});

test("where English is the large language, the address says so", () => {
  const { command } = setUpScreen(PLACE, new Uint8Array(32).fill(0xfb), sha256, "en");
  expect(command.endsWith(`#token=${TOKEN}&lang=en"`)).toBe(true);
});
