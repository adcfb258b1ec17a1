import { CREDENTIAL_KINDS, GRADES, RESIDENCY_ROLES, type Reason } from "@menshen/domain";
import Type, { type Static, type TSchema } from "typebox";

/** Every path of the HTTP API starts with this. */
export const API_BASE = "/api/v1";

/** Lower-case UUID, as the parsing constructors of `domain` accept it. */
export const Uuid = Type.String({
  pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
  description: "lower-case UUID",
});

/** Instants travel as whole Unix milliseconds. */
export const EpochMs = Type.Integer({
  minimum: -8.64e15,
  maximum: 8.64e15,
  description: "Unix milliseconds",
});

/** A calendar date in the community's time zone. */
export const LocalDateText = Type.String({
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
  description: "local date, YYYY-MM-DD",
});

/** Text a person typed as a name: no control characters, trimmed by the server. */
export const NameText = Type.String({ minLength: 1, maxLength: 80, pattern: "^[^\\u0000-\\u001f\\u007f]+$" });

/** Counts up with every change of a record; an update names the revision it was made from. */
export const Revision = Type.Integer({ minimum: 1 });

/** Lower-case hexadecimal bytes. */
export function hexBytes(minBytes: number, maxBytes: number) {
  return Type.String({
    pattern: "^([0-9a-f]{2})*$",
    minLength: minBytes * 2,
    maxLength: maxBytes * 2,
    description: `${minBytes} to ${maxBytes} bytes, lower-case hexadecimal`,
  });
}

export const CredentialKindName = Type.Enum([...CREDENTIAL_KINDS]);
export const GradeLetter = Type.Enum([...GRADES]);
export const ResidencyRoleName = Type.Enum([...RESIDENCY_ROLES]);

/** A reason of `domain`: its code and that code's values. Texts in zh-CN and en stand in `domain`. */
export const DecisionReason = Type.Unsafe<Reason>(
  Type.Object({ code: Type.String() }, { additionalProperties: true }),
);

/** `until` is exclusive; an absent end is open. */
export const ValidityRange = Type.Object(
  { from: Type.Optional(EpochMs), until: Type.Optional(EpochMs) },
  { additionalProperties: false },
);
export type ValidityRange = Static<typeof ValidityRange>;

/** Fields that every stored record carries. */
export const RecordFields = {
  id: Uuid,
  revision: Revision,
  /** Present if the record was removed and can still be restored. */
  removedAt: Type.Optional(EpochMs),
};

/** One page of a list; without `nextCursor` it was the last. */
export function pageOf<Item extends TSchema>(item: Item) {
  return Type.Object({ items: Type.Array(item), nextCursor: Type.Optional(Type.String()) });
}

/** Query fields of every paged list. */
export const PageFields = {
  cursor: Type.Optional(Type.String({ maxLength: 400, description: "`nextCursor` of the page before" })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
};

/** Path parameters of one record. */
export const IdParams = Type.Object({ id: Uuid }, { additionalProperties: false });

/** For answers without content (204). */
export const NoContent = Type.Null();

/** What browsers and passkeys say to each other (WebAuthn): read by the WebAuthn library, not here. */
export const WebAuthnJson = Type.Unsafe<Record<string, unknown>>(
  Type.Object({}, { additionalProperties: true }),
);
/** Options for the browser; its answer names the challenge. */
export const PasskeyChallenge = Type.Object({ challengeId: Uuid, options: WebAuthnJson });
