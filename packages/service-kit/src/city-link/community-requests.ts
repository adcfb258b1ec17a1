import { requestSigner } from "@menshen/crypto";
import { COMMUNITY_SCHEME, COMMUNITY_TOLERANCE_MS } from "@menshen/wire";

/** How communities sign their requests to the city, and the city reads that. */
export const communityRequests = requestSigner(COMMUNITY_SCHEME, COMMUNITY_TOLERANCE_MS);
