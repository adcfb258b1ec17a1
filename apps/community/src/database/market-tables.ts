import type { CityIssuer } from "@menshen/wire";
import type { Generated } from "kysely";
import type { Json, OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface MarketListingTable {
  readonly id: string;
  readonly kind: string;
  readonly seen_on: string;
  readonly noted_at: Timestamp;
  readonly noted_by: string;
  readonly sealed_words: Uint8Array;
  readonly issuer: string | null;
  readonly key_version: number | null;
  readonly sealed_photo: Uint8Array | null;
  readonly photo_type: string | null;
  readonly photo_version: string | null;
  readonly removed_at: OptionalTimestamp;
  readonly revision: Generated<number>;
}

export interface MarketNumberTable {
  readonly id: string;
  readonly listing_id: string;
  readonly place: number;
  readonly chip: string;
  readonly sealed_number: Uint8Array;
  readonly batch_prefix: string;
  readonly keys: Uint8Array[];
}

export interface CityConnectionTable {
  readonly only_row: Generated<boolean>;
  readonly url: string;
  readonly name: string;
  readonly evaluation_key: Uint8Array;
  readonly sealed_key: Uint8Array;
  readonly enrolled_at: Timestamp;
  readonly heard_at: OptionalTimestamp;
  readonly trouble: string | null;
  readonly issuers: Json<readonly CityIssuer[]>;
}

export interface CityReportTable {
  readonly id: string;
  readonly case_id: string | null;
  readonly listed_number_id: string | null;
  readonly week: string;
  readonly chip: string;
  readonly issuer: string | null;
  readonly key_version: number | null;
  readonly batch_prefix: string | null;
  readonly sealed_number: Uint8Array | null;
  readonly number_until: OptionalTimestamp;
  readonly number_tag: Uint8Array | null;
  readonly state: Generated<string>;
  readonly incident: number | null;
  readonly communities: number | null;
}

/** Tables of listings, and of what the city is told. */
export interface MarketTables {
  readonly market_listing: MarketListingTable;
  readonly market_number: MarketNumberTable;
  readonly city_connection: CityConnectionTable;
  readonly city_report: CityReportTable;
}
