import fc from "fast-check";
import { it } from "vitest";
import { readCertificate } from "./certificate.ts";
import { readCertificateRequest } from "./certificate-request.ts";
import { parseEnrolmentCode } from "./enrolment-code.ts";
import { TrustError } from "./errors.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

function onlyTrustErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
  }
}

it("answers any text with a code or a refusal", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => onlyTrustErrors(() => parseEnrolmentCode(text))),
    { numRuns },
  );
});

it("answers any bytes with a certificate or a refusal", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => onlyTrustErrors(() => readCertificate(bytes))),
    { numRuns },
  );
});

it("answers any bytes with a request or a refusal", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      try {
        await readCertificateRequest(bytes);
      } catch (error) {
        if (!(error instanceof TrustError)) throw error;
      }
    }),
    { numRuns },
  );
});
