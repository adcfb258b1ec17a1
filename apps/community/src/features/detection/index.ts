export { readCardSteps } from "./card-steps.ts";
export { type Detection, makeDetection } from "./make-detection.ts";
