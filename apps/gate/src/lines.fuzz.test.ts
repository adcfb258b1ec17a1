import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAdminRequest } from "./admin/admin-socket.ts";
import { parseClockLine } from "./clock/injected-clock-source.ts";
import { GateError } from "./errors.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

/** Lines near what is understood: JSON with keys and values that mean something. */
const nearlyRight = fc.oneof(
  fc.string(),
  fc.json(),
  fc
    .dictionary(
      fc.constantFrom(
        "request",
        "code",
        "readerId",
        "portalId",
        "minutes",
        "wallMs",
        "monotonicMs",
        "bootId",
      ),
      fc.oneof(
        fc.constantFrom("status", "enrol", "reset-fire", "open-install-window"),
        fc.double(),
        fc.integer(),
        fc.string(),
        fc.constant(null),
      ),
    )
    .map((value) => JSON.stringify(value)),
);

test("no line to the administration socket does more than a refusal", () => {
  fc.assert(
    fc.property(nearlyRight, (line) => {
      try {
        expect(parseAdminRequest(line).request).toMatch(
          /^(status|self-test|enrol|open-install-window|reset-fire)$/,
        );
      } catch (fault) {
        expect(fault).toBeInstanceOf(GateError);
      }
    }),
    { numRuns },
  );
});

test("no line to the injected clock gives anything but two finite numbers", () => {
  fc.assert(
    fc.property(nearlyRight, (line) => {
      const parsed = parseClockLine(line);
      if (parsed === undefined) return;
      expect(Number.isFinite(parsed.wallMs) && Number.isFinite(parsed.monotonicMs)).toBe(true);
    }),
    { numRuns },
  );
});
