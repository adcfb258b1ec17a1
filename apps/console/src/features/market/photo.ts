import { fillPath, MARKET_PHOTO_MAX_BYTES, MARKET_PHOTO_TYPES, marketEndpoints } from "@menshen/wire";
import { sendFile } from "../floor-plan/upload-image.ts";

/** Whether a file can be a photo at all; what it truly is the server sees in its bytes. */
export function isPhoto({ type, size }: File): boolean {
  return MARKET_PHOTO_TYPES.some((one) => one === type) && size <= MARKET_PHOTO_MAX_BYTES;
}

/** Throws `ApiError` as `call` does. */
export async function sendPhoto(id: string, file: File): Promise<void> {
  await sendFile("PUT", fillPath(marketEndpoints.addPhoto.path, { id }), file, () => undefined);
}
