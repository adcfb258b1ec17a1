import { renameSync, writeFileSync } from "node:fs";
import type { Page } from "playwright-core";

const WIDTH_PX = 640;
const HEIGHT_PX = 480;
/** A wall in the shade. */
const GREY = 110;

/** What stands before the camera of a Chromium that reads it from a file. */
export interface FakeCamera {
  /** For the command line of the Chromium that sees it. */
  readonly args: readonly string[];
  /**
   * Puts a picture before the camera, or only the wall; seen by pages that open the camera from now on.
   *
   * @param page any page that may show a picture of its own, to decode the PNG
   */
  show(page: Page, png?: Buffer): Promise<void>;
}

/** @param file ends in `.y4m` */
export function makeFakeCamera(file: string): FakeCamera {
  writeMovie(file, Buffer.alloc(WIDTH_PX * HEIGHT_PX, GREY));
  return {
    args: [
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-video-capture=${file}`,
      "--autoplay-policy=no-user-gesture-required",
    ],
    async show(page, png) {
      const luma =
        png === undefined
          ? Buffer.alloc(WIDTH_PX * HEIGHT_PX, GREY)
          : Buffer.from(await lumaOf(page, png), "base64");
      writeMovie(file, luma);
    },
  };
}

/** Two frames of the same, YUV4MPEG2 with 4:2:0 chroma; the camera shows them over and over. */
function writeMovie(file: string, luma: Buffer): void {
  const frame = Buffer.concat([Buffer.from("FRAME\n"), luma, Buffer.alloc((WIDTH_PX * HEIGHT_PX) / 2, 128)]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH_PX} H${HEIGHT_PX} F10:1 Ip A1:1 C420jpeg\n`);
  // A camera that is being opened sees the old movie or the new one.
  writeFileSync(`${file}.new`, Buffer.concat([head, frame, frame]));
  renameSync(`${file}.new`, file);
}

/** The picture in the middle of the wall, a byte a pixel, in base64. */
async function lumaOf(page: Page, png: Buffer): Promise<string> {
  const drawn: unknown = await page.evaluate(`(async () => {
    const image = new Image();
    image.src = "data:image/png;base64,${png.toString("base64")}";
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = ${WIDTH_PX};
    canvas.height = ${HEIGHT_PX};
    const context = canvas.getContext("2d");
    context.fillStyle = "rgb(${GREY} ${GREY} ${GREY})";
    context.fillRect(0, 0, canvas.width, canvas.height);
    const share = Math.min(1, canvas.width / image.width, canvas.height / image.height);
    const [width, height] = [image.width * share, image.height * share];
    context.drawImage(image, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let luma = "";
    for (let at = 0; at < data.length; at += 4) {
      luma += String.fromCharCode(Math.round(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]));
    }
    return btoa(luma);
  })()`);
  if (typeof drawn !== "string") throw new Error("the page did not draw the picture");
  return drawn;
}
