import { KIOSK_PAGE_PATH } from "@menshen/wire";

/** Where a gate serves its screens unless its installer wrote otherwise. */
const PORT = 8483;
const HOST = "127.0.0.1";

/** What an installer writes down to set up one screen. */
export interface ScreenSetUp {
  /** The part `kiosk` of the gate's configuration. */
  readonly configuration: string;
  /** What starts the browser on the gate's box; holds the token. */
  readonly command: string;
}

/**
 * @param place the screen's reader and access point; `doorName` is what people call the door
 * @param token 32 random bytes: whoever has them can ask this gate about codes
 * @param sha256 of `@menshen/crypto`
 */
export function setUpScreen(
  place: { readonly readerId: string; readonly accessPointId: string; readonly doorName: string },
  token: Uint8Array,
  sha256: (bytes: Uint8Array) => Uint8Array,
  language: "zh-CN" | "en",
): ScreenSetUp {
  const text = base64Url(token);
  const tokenSha256 = Array.from(sha256(new TextEncoder().encode(text)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  const { readerId, accessPointId, doorName } = place;
  const kiosk = { host: HOST, port: PORT, places: [{ readerId, accessPointId, tokenSha256, doorName }] };
  const page = `http://${HOST}:${PORT}${KIOSK_PAGE_PATH}#token=${text}${language === "en" ? "&lang=en" : ""}`;
  return {
    configuration: JSON.stringify({ kiosk }, undefined, 2),
    command: `chromium --kiosk --use-fake-ui-for-media-stream --autoplay-policy=no-user-gesture-required "${page}"`,
  };
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}
