import type { Trx } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { readVendors } from "./vendors.service.ts";

/**
 * Whose device a gate is, before it is installed. A community that lists no vendor yet is being set up; from the first page
 * on, nothing is installed of a vendor who hides something, whom the owners did not want, or who leaves.
 *
 * @param given as somebody named it; absent: the only one there is
 * @returns `undefined` only where no vendor is listed. Throws `not-found` for an unknown vendor; `conflict` for one among
 *   several that nobody named, for one that leaves or left, for a page with missing fields, for one that the owners did
 *   not vote for
 */
export async function vendorOfGate(
  trx: Trx,
  given: string | undefined,
  at: number,
): Promise<string | undefined> {
  const vendors = await readVendors(trx, at);
  if (given === undefined && vendors.length === 0) return undefined;
  if (given === undefined && vendors.length > 1) {
    throw refusal("conflict", "say whose device this is: several vendors are listed");
  }
  const vendor = found(given === undefined ? vendors[0] : vendors.find(({ id }) => id === given), "vendor");
  if (vendor.leaving !== undefined) {
    throw refusal(
      "conflict",
      vendor.leaving === "going"
        ? "this vendor is leaving, and nothing of it is installed any more: name another"
        : "this vendor has left; if it comes back, it begins a page anew: name another",
      { fields: [{ path: "vendor/leaving", message: vendor.leaving }] },
    );
  }
  if (vendor.missing.length > 0) {
    throw refusal(
      "conflict",
      `nothing of this vendor is installed while its page lacks ${vendor.missing.map((field) => `\`${field}\``).join(", ")}`,
      { fields: vendor.missing.map((field) => ({ path: `vendor/${field}`, message: "not said" })) },
    );
  }
  if (vendor.needsMotion) {
    throw refusal(
      "conflict",
      "the owners decide on a new vendor: it needs a passed motion of `new-vendor` about this one",
    );
  }
  return vendor.id;
}
