import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import type { Picture } from "./read-code.ts";
import type { PictureRead } from "./read-worker.ts";

/** `refused` by whoever was asked, or by the browser; `busy`: another program has it. */
export type CameraState = "starting" | "on" | "refused" | "missing" | "busy";

/** Ten pictures a second are enough for a code that is held still. */
const LOOK_EVERY_MS = 100;
/** Side of the square that is looked at: six pixels a module for a phone's code that fills half of it. */
const SIDE_PX = 720;
const RETRY_MS = 5_000;

/**
 * A camera that reads QR codes while the element is shown. Pictures are read in a worker, one at a time, and go nowhere
 * else; a camera that is missing is looked for again every five seconds.
 *
 * @param options.facing towards whoever looks at the screen, or away from them
 * @param options.onCode called with each code as often as it is seen
 * @returns `video` goes to the element that shows what the camera sees; it must have `muted` and `playsInline`
 */
export function useCodeCamera(options: {
  readonly facing: "user" | "environment";
  readonly onCode: (text: string) => void;
}): { readonly state: CameraState; readonly video: RefObject<HTMLVideoElement | null> } {
  const { facing } = options;
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<CameraState>("starting");
  const seen = useEffectEvent(options.onCode);

  useEffect(() => {
    let isGone = false;
    let stream: MediaStream | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const again = (why: CameraState) => {
      if (isGone) return;
      setState(why);
      retry = setTimeout(() => void begin(), RETRY_MS);
    };
    const begin = async () => {
      try {
        stream = await openCamera(facing);
        const element = video.current;
        if (isGone || element === null) return stop(stream);
        const [track] = stream.getVideoTracks();
        track?.addEventListener("ended", () => again("missing"), { once: true });
        element.srcObject = stream;
        await element.play();
        if (!isGone) setState("on");
      } catch (error) {
        stop(stream);
        again(stateOf(error));
      }
    };
    void begin();
    return () => {
      isGone = true;
      clearTimeout(retry);
      stop(stream);
    };
  }, [facing]);

  useEffect(() => {
    if (state !== "on") return;
    const canvas = document.createElement("canvas");
    const worker = new Worker(new URL("./read-worker.ts", import.meta.url), { type: "module" });
    let isReading = false;
    worker.onmessage = ({ data }: MessageEvent<PictureRead>) => {
      isReading = false;
      if (data.text !== undefined) seen(data.text);
    };
    const timer = setInterval(() => {
      const picture = isReading || video.current === null ? undefined : takePicture(video.current, canvas);
      if (picture === undefined) return;
      isReading = true;
      worker.postMessage(picture, [picture.data.buffer]);
    }, LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      worker.terminate();
    };
  }, [state]);

  return { state, video };
}

function openCamera(facing: "user" | "environment"): Promise<MediaStream> {
  // Pages that came neither over https nor from this machine have no cameras at all.
  if (navigator.mediaDevices === undefined) {
    return Promise.reject(new DOMException("no cameras for this page", "NotAllowedError"));
  }
  return navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: facing }, width: { ideal: 1280 }, height: { ideal: 720 } },
  });
}

function stop(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Media Capture and Streams, §10.2. */
function stateOf(error: unknown): CameraState {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "missing" : "busy";
}

/** The square in the middle of what the camera sees: what the viewfinder shows. */
function takePicture(element: HTMLVideoElement, canvas: HTMLCanvasElement): Picture | undefined {
  const { videoWidth, videoHeight, readyState } = element;
  const side = Math.min(videoWidth, videoHeight);
  if (readyState < HTMLMediaElement.HAVE_CURRENT_DATA || side === 0) return undefined;
  const sidePx = Math.min(side, SIDE_PX);
  canvas.width = sidePx;
  canvas.height = sidePx;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(
    element,
    (videoWidth - side) / 2,
    (videoHeight - side) / 2,
    side,
    side,
    0,
    0,
    sidePx,
    sidePx,
  );
  return context?.getImageData(0, 0, sidePx, sidePx);
}
