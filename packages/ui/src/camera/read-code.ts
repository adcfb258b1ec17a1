import { decodeQR } from "qr/decode.js";

/** A picture as a canvas gives it: four bytes a pixel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** The text of the QR code in a picture; undefined where none can be read. */
export function readCode(picture: Picture): string | undefined {
  try {
    return decodeQR(picture);
  } catch {
    // The decoder throws for most pictures of a camera: there is no code in them.
    return undefined;
  }
}
