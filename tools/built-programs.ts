// Set-up of a run of tests that start programs: they start what was built from the sources.

import { buildPrograms } from "./programs.mjs";

export default async function setUp(): Promise<void> {
  const options = await buildPrograms();
  process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, options].filter(Boolean).join(" ");
}
