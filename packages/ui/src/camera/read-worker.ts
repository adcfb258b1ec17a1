/// <reference lib="webworker" />
import { type Picture, readCode } from "./read-code.ts";

/** Answer to each picture. */
export interface PictureRead {
  readonly text: string | undefined;
}

// Beside the page: a picture may take longer to read than the page may stand still.
self.onmessage = ({ data }: MessageEvent<Picture>) => {
  const read: PictureRead = { text: readCode(data) };
  self.postMessage(read);
};
