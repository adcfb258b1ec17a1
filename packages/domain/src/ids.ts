import { DomainError } from "./errors.ts";

declare const brand: unique symbol;

/** A value of type `T` that only its parsing constructor can make. */
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function idParser<Name extends string>(name: Name) {
  return (text: string): Branded<string, Name> => {
    if (!UUID.test(text)) {
      throw new DomainError(
        "invalid-id",
        `${name}: expected a lower-case UUID, came \`${text.slice(0, 64)}\``,
      );
    }
    return text as Branded<string, Name>;
  };
}

/** IDs are lower-case UUIDs (RFC 9562 §4); each constructor throws `DomainError("invalid-id")` on anything else. */
export type CommunityId = Branded<string, "CommunityId">;
export const CommunityId = idParser("CommunityId");
export type BuildingId = Branded<string, "BuildingId">;
export const BuildingId = idParser("BuildingId");
export type DwellingId = Branded<string, "DwellingId">;
export const DwellingId = idParser("DwellingId");
/** A person as holder of credentials (持卡人). */
export type PersonId = Branded<string, "PersonId">;
export const PersonId = idParser("PersonId");
export type ResidencyId = Branded<string, "ResidencyId">;
export const ResidencyId = idParser("ResidencyId");
export type AreaId = Branded<string, "AreaId">;
export const AreaId = idParser("AreaId");
export type PortalId = Branded<string, "PortalId">;
export const PortalId = idParser("PortalId");
export type AccessPointId = Branded<string, "AccessPointId">;
export const AccessPointId = idParser("AccessPointId");
export type ReaderId = Branded<string, "ReaderId">;
export const ReaderId = idParser("ReaderId");
export type GateId = Branded<string, "GateId">;
export const GateId = idParser("GateId");
export type CredentialId = Branded<string, "CredentialId">;
export const CredentialId = idParser("CredentialId");
export type ScheduleId = Branded<string, "ScheduleId">;
export const ScheduleId = idParser("ScheduleId");
export type AccessRuleId = Branded<string, "AccessRuleId">;
export const AccessRuleId = idParser("AccessRuleId");
