// Set-up of each test file, which the list of `vitest.config.ts` names.

import { afterAll } from "vitest";
import { closeAll } from "./close-afterwards.ts";

afterAll(() => closeAll());
