import { openStorePlace } from "../store-place.ts";

/** Replaces the store again and again until it is killed; says so after each time. */
const [, , directory = "", sizeText = "0"] = process.argv;
const place = openStorePlace(directory);
for (let round = 1; ; round = (round + 1) % 256) {
  await place.alone(async () => place.replace(new Uint8Array(Number(sizeText)).fill(round)));
  process.stdout.write(".");
}
