/** What everybody may read of whoever sells or maintains the devices. An empty list is said, an absent field is not. */
export interface VendorPage {
  readonly name: string;
  /** The company as registered, with its number. */
  readonly owner?: string | undefined;
  /** Who stands behind it in the end. */
  readonly beneficialOwner?: string | undefined;
  readonly contract?:
    | { readonly number: string; readonly from: string; readonly until: string; readonly clauses: string }
    | undefined;
  /** In words, with the sum and the period. */
  readonly fees?: string | undefined;
  /** Who earns what from adverts; empty: nobody, there are none. */
  readonly adIncome?:
    | readonly { readonly who: string; readonly what: string; readonly amount: string }[]
    | undefined;
  readonly dataHeld?:
    | readonly { readonly what: string; readonly where: string; readonly until: string }[]
    | undefined;
  readonly subProcessors?:
    | readonly { readonly name: string; readonly what: string; readonly where: string }[]
    | undefined;
  /** Of its devices, with the evidence and the day it ends. */
  readonly grade?: { readonly grade: string; readonly evidence: string; readonly until: string } | undefined;
  readonly incidents?: readonly { readonly on: string; readonly what: string }[] | undefined;
}

/** Fields without which nothing of a vendor is installed, in the order of the page. */
export const VENDOR_FIELDS = [
  "owner",
  "beneficialOwner",
  "contract",
  "fees",
  "adIncome",
  "dataHeld",
  "subProcessors",
  "grade",
  "incidents",
] as const;
export type VendorField = (typeof VENDOR_FIELDS)[number];

/**
 * What a vendor has not said. "Nobody" and "none" are answers; silence and blanks are not.
 *
 * @param today local date, `YYYY-MM-DD`: a contract or grade that is over is missing
 */
export function missingVendorFields(page: VendorPage, today: string): readonly VendorField[] {
  return VENDOR_FIELDS.filter((field) => {
    const value = page[field];
    if (value === undefined || isBlank(value)) return true;
    return (field === "contract" || field === "grade") && (page[field]?.until ?? "") < today;
  });
}

function isBlank(value: unknown): boolean {
  if (typeof value === "string") return value.trim() === "";
  if (Array.isArray(value)) return value.some(isBlank);
  return typeof value === "object" && value !== null && Object.values(value).some(isBlank);
}
